#include "thimble/target/process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>

extern char **environ;

namespace thimble {
namespace {

constexpr std::size_t kOutputLimit = std::size_t{1} << 20;

/// A pipe whose ends are closed on destruction and are not inherited by other children.
struct Pipe {
  int read_end = -1, write_end = -1;
  bool open() {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return false;
    read_end = ends[0];
    write_end = ends[1];
    return true;
  }
  static void close_end(int &end) {
    if (end >= 0) ::close(end);
    end = -1;
  }
  ~Pipe() {
    close_end(read_end);
    close_end(write_end);
  }
};

std::vector<std::string> environment_of(const ProcessRequest &request) {
  std::vector<std::string> settings = request.settings;
  settings.emplace_back("LC_ALL=C");
  std::vector<std::string> all;
  for (char **entry = environ; *entry != nullptr; ++entry) {
    const std::string inherited = *entry;
    const std::string name = inherited.substr(0, inherited.find('=') + 1);
    const bool replaced = std::any_of(settings.begin(), settings.end(),
                                      [&](const std::string &s) { return s.rfind(name, 0) == 0; });
    if (!replaced) all.push_back(inherited);
  }
  all.insert(all.end(), settings.begin(), settings.end());
  return all;
}

std::vector<char *> pointers(std::vector<std::string> &strings) {
  std::vector<char *> all;
  for (std::string &string : strings) all.push_back(string.data());
  all.push_back(nullptr);
  return all;
}

int spawn(const ProcessRequest &request, const Pipe &out, const Pipe &err, pid_t &child) {
  std::vector<std::string> arguments = request.arguments, environment = environment_of(request);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, out.write_end, 1);
  posix_spawn_file_actions_adddup2(&actions, err.write_end, 2);
  if (!request.folder.empty()) posix_spawn_file_actions_addchdir_np(&actions, request.folder.c_str());
  const int code = posix_spawnp(&child, arguments[0].c_str(), &actions, nullptr, pointers(arguments).data(),
                                pointers(environment).data());
  posix_spawn_file_actions_destroy(&actions);
  return code;
}

/// Appends what can be read now; closes `end` at the end of the stream. Beyond the limit output is dropped.
void drain(int &end, std::string &text) {
  std::array<char, 65536> chunk;
  const ssize_t got = ::read(end, chunk.data(), chunk.size());
  if (got < 0 && errno == EINTR) return;
  if (got <= 0) return Pipe::close_end(end);
  text.append(chunk.data(), std::min<std::size_t>(static_cast<std::size_t>(got), kOutputLimit - text.size()));
}

}  // namespace

Result<ProcessOutcome> run_process(const ProcessRequest &request) {
  using Clock = std::chrono::steady_clock;
  const std::string &program = request.arguments.at(0);
  Pipe out, err;
  if (!out.open() || !err.open()) return failure("no pipe for " + program + ": " + std::strerror(errno));
  pid_t child = 0;
  if (const int code = spawn(request, out, err, child); code != 0) {
    if (code == ENOENT && !request.package.empty()) {
      return failure("'" + program + "' is not installed", "apt-get install " + request.package);
    }
    return failure("cannot start '" + program + "': " + std::strerror(code));
  }
  Pipe::close_end(out.write_end);
  Pipe::close_end(err.write_end);

  ProcessOutcome outcome;
  const auto deadline = Clock::now() + std::chrono::seconds(request.timeout_seconds);
  while (out.read_end >= 0 || err.read_end >= 0) {
    int wait = -1;
    if (request.timeout_seconds > 0 && !outcome.timed_out) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
      wait = static_cast<int>(std::clamp<std::int64_t>(left, 0, 1'000'000));
    }
    // A negative descriptor is skipped by poll.
    std::array<pollfd, 2> ends = {pollfd{out.read_end, POLLIN, 0}, pollfd{err.read_end, POLLIN, 0}};
    if (poll(ends.data(), ends.size(), wait) < 0 && errno != EINTR) break;
    if (ends[0].revents != 0) drain(out.read_end, outcome.out);
    if (ends[1].revents != 0) drain(err.read_end, outcome.err);
    if (request.timeout_seconds > 0 && !outcome.timed_out && Clock::now() >= deadline) {
      outcome.timed_out = true;
      kill(child, SIGKILL);
    }
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  outcome.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  outcome.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  return outcome;
}

}  // namespace thimble
