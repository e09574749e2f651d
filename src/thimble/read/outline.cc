#include "thimble/read/outline.h"

#include "thimble/base/checked.h"
#include "thimble/read/contents.h"

namespace thimble {

namespace {

using namespace tflite;

Result<FileOutline> outline_of(const Contents &contents) {
  const ModelFile &file = contents.file;
  Problems problems(file.name);
  if (!contents.list.variable_ops.empty() || !contents.states.empty()) {
    problems.add("", "it keeps variables from one inference to the next, which is not supported here",
                 "export the model with its variables as network inputs and outputs");
    return problems.take();
  }
  FileOutline outline;
  outline.file = file.name;
  outline.subgraphs = static_cast<std::int32_t>(length(file.model->subgraphs()));
  outline.inputs = contents.inputs;
  outline.outputs = contents.outputs;
  for (const FileOp &op : contents.list.ops) outline.operators.push_back({op.inputs, op.outputs});
  for (std::size_t i = 0; i < contents.table.tensors.size(); ++i) {
    const Tensor &tensor = contents.table.tensors[i];
    std::int64_t bytes = 0;
    if (!tensor.constant() && !tensor.name.empty()) {
      // The length that the file itself has, also where its signature leaves the batch open.
      bytes = size_of(tensor.type);
      const auto *shape = file.subgraph->tensors()->Get(static_cast<flatbuffers::uoffset_t>(i))->shape();
      for (std::size_t a = 0; a < length(shape) && bytes >= 0; ++a) {
        const std::int32_t dimension = shape->Get(static_cast<flatbuffers::uoffset_t>(a));
        bytes = dimension < 0 ? -1 : checked_mul(bytes, dimension).value_or(-1);
      }
      if (bytes < 0 || bytes > tflite_limits::tensor_elements) {
        problems.add(tensor.name, "its shape is open or too large to be planned",
                     "export the model with a fixed input shape");
      }
    }
    outline.tensor_bytes.push_back(bytes);
  }
  if (problems.count() != 0) return problems.take();
  return outline;
}

}  // namespace

Result<FileOutline> outline_tflite(std::span<const std::uint8_t> bytes, const std::string &file_name) {
  std::vector<std::uint8_t> storage;
  Problems problems(file_name);
  Result<Contents> contents = read_contents(aligned(bytes, storage), file_name, problems);
  if (!contents) return tl::unexpected(std::move(contents.error()));
  if (problems.count() != 0) return problems.take();
  return outline_of(*contents);
}

}  // namespace thimble
