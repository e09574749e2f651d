// The C, assembler and linker texts that firmware is built with (target/support/), embedded in the
// executable.
#pragma once

#include <map>
#include <string>

namespace thimble {

/// The text of an embedded file, each "@KEY@" replaced by the value of KEY.
std::string support_file(const std::string &name, const std::map<std::string, std::string> &values = {});

}  // namespace thimble
