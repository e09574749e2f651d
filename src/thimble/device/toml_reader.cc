#include "thimble/device/toml_reader.h"

#include <toml++/toml.h>

#include <algorithm>
#include <set>

namespace thimble {

struct TomlReader::Document {
  toml::table root;
  std::string file;
  std::set<std::string, std::less<>> asked;
  std::optional<Diagnostic> first;

  const toml::node *find(std::string_view path) {
    asked.emplace(path);
    return root.at_path(path).node();
  }
};

namespace {

std::string located(const std::string &file, std::uint32_t line) {
  return line == 0 ? file : file + ":" + std::to_string(line);
}

bool printable(const std::string &text) {
  return !text.empty() && text.size() <= 1000 &&
         std::none_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

/// What a value is, for "expected ..., found ...".
std::string shown(const toml::node *node) {
  if (node == nullptr) return "nothing";
  if (const auto text = node->value_exact<std::string>()) {
    return std::string("'").append(*text, 0, 40).append("'");
  }
  if (const auto number = node->value_exact<std::int64_t>()) return std::to_string(*number);
  if (const auto flag = node->value_exact<bool>()) return *flag ? "true" : "false";
  if (node->is_table()) return "a table";
  if (node->is_array()) return "an array";
  return node->is_floating_point() ? "a floating-point number" : "a date or time";
}

const toml::node *first_unasked(const toml::table &table, const std::string &prefix,
                                const std::set<std::string, std::less<>> &asked, std::string &path);

/// The same in the tables of an array of tables.
const toml::node *first_unasked(const toml::array &tables, const std::string &prefix,
                                const std::set<std::string, std::less<>> &asked, std::string &path) {
  std::size_t index = 0;
  for (const toml::node &element : tables) {
    const std::string here = prefix + "[" + std::to_string(index++) + "].";
    if (const toml::table *inner = element.as_table()) {
      if (const toml::node *found = first_unasked(*inner, here, asked, path)) return found;
    }
  }
  return nullptr;
}

/// First leaf below `table`, in the order of the file, whose dotted path is not in `asked`.
const toml::node *first_unasked(const toml::table &table, const std::string &prefix,
                                const std::set<std::string, std::less<>> &asked, std::string &path) {
  const toml::node *found = nullptr;
  for (const auto &[key, node] : table) {
    const std::string here = prefix + std::string(key.str());
    std::string inner_path = here;
    const toml::node *candidate = nullptr;
    if (const toml::table *inner = node.as_table()) {
      candidate = first_unasked(*inner, here + ".", asked, inner_path);
    } else if (const toml::array *array = node.as_array(); array != nullptr && asked.count(here) != 0) {
      candidate = first_unasked(*array, here, asked, inner_path);
    } else if (asked.count(here) == 0) {
      candidate = &node;
    }
    if (candidate == nullptr) continue;
    if (found == nullptr || candidate->source().begin < found->source().begin) {
      found = candidate;
      path = inner_path;
    }
  }
  return found;
}

}  // namespace

TomlReader::TomlReader(std::unique_ptr<Document> document) : document_(std::move(document)) {}
TomlReader::TomlReader(TomlReader &&) noexcept = default;
TomlReader::~TomlReader() = default;

Result<TomlReader> TomlReader::parse(const std::string &text, const std::string &file) {
  auto document = std::make_unique<Document>();
  document->file = file;
  try {
    document->root = toml::parse(text, file);
  } catch (const toml::parse_error &error) {
    return file_failure(located(file, error.source().begin.line),
                        "is not TOML: " + std::string(error.description()));
  }
  return TomlReader(std::move(document));
}

void TomlReader::fault(std::string_view path, const std::string &reason) {
  if (document_->first) return;
  const toml::node *node = document_->find(path);
  // A missing key is reported at its table.
  if (node == nullptr && path.find('.') != std::string_view::npos) {
    node = document_->root.at_path(path.substr(0, path.rfind('.'))).node();
  }
  Diagnostic line;
  line.file = located(document_->file, node == nullptr ? 0 : node->source().begin.line);
  line.reason = std::string(path) + ": " + reason;
  document_->first = line;
}

std::string TomlReader::string(std::string_view path) {
  const toml::node *node = document_->find(path);
  const auto value = node == nullptr ? std::nullopt : node->value_exact<std::string>();
  if (value && printable(*value)) return *value;
  fault(path, "expected a line of text, found " + shown(node));
  return "";
}

std::int64_t TomlReader::integer(std::string_view path, std::int64_t low, std::int64_t high,
                                 std::int64_t step) {
  const toml::node *node = document_->find(path);
  const auto value = node == nullptr ? std::nullopt : node->value_exact<std::int64_t>();
  if (value && *value >= low && *value <= high && *value % step == 0) return *value;
  const std::string multiple = step == 1 ? "" : "multiple of " + std::to_string(step) + " ";
  fault(path, "expected an integer " + multiple + "from " + std::to_string(low) + " to " +
                  std::to_string(high) + ", found " + shown(node));
  return 0;
}

bool TomlReader::boolean(std::string_view path) {
  const toml::node *node = document_->find(path);
  const auto value = node == nullptr ? std::nullopt : node->value_exact<bool>();
  if (value) return *value;
  fault(path, "expected true or false, found " + shown(node));
  return false;
}

std::size_t TomlReader::tables(std::string_view path) {
  const toml::node *node = document_->find(path);
  if (node == nullptr) return 0;
  const toml::array *array = node->as_array();
  const bool good = array != nullptr && std::all_of(array->begin(), array->end(),
                                                    [](const toml::node &one) { return one.is_table(); });
  if (!good) fault(path, "expected tables ([[" + std::string(path) + "]]), found " + shown(node));
  return good ? array->size() : 0;
}

bool TomlReader::has(std::string_view path) {
  return document_->root.at_path(path).node() != nullptr;
}

std::vector<std::string> TomlReader::strings(std::string_view path) {
  const toml::node *node = document_->find(path);
  const toml::array *array = node == nullptr ? nullptr : node->as_array();
  if (array == nullptr) {
    fault(path, "expected an array of strings, found " + shown(node));
    return {};
  }
  std::vector<std::string> values;
  for (const toml::node &element : *array) {
    const auto value = element.value_exact<std::string>();
    if (!value || !printable(*value)) {
      fault(path, "expected an array of strings, found " + shown(&element) + " in it");
      return {};
    }
    values.push_back(*value);
  }
  return values;
}

std::size_t TomlReader::choice(std::string_view path, std::initializer_list<std::string_view> names) {
  const toml::node *node = document_->find(path);
  const auto value = node == nullptr ? std::nullopt : node->value_exact<std::string>();
  std::string list;
  std::size_t index = 0;
  for (std::string_view name : names) {
    if (value && *value == name) return index;
    list += (index++ == 0 ? "" : ", ") + std::string(name);
  }
  fault(path, "expected one of " + list + ", found " + shown(node));
  return 0;
}

Result<void> TomlReader::finish() {
  if (!document_->first) {
    std::string path;
    if (const toml::node *node = first_unasked(document_->root, "", document_->asked, path)) {
      document_->asked.insert(path);
      Diagnostic line;
      line.file = located(document_->file, node->source().begin.line);
      line.reason = path + ": unknown key, or one that does not belong to this kind of profile";
      document_->first = line;
    }
  }
  if (document_->first) return failure(*document_->first);
  return {};
}

}  // namespace thimble
