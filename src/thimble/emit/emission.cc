#include "thimble/emit/emission.h"

#include <algorithm>
#include <cstring>

#include "thimble/emit/render_memory.h"
#include "thimble/schedule/check_placement.h"

namespace thimble {
namespace {

/// The elements of a constant tensor; the bytes of a model file are little-endian, as every host that we
/// build on.
template <class T>
std::vector<T> elements_of(const Tensor &tensor) {
  std::vector<T> elements(static_cast<std::size_t>(tensor.elements()));
  std::memcpy(elements.data(), tensor.data->data(), elements.size() * sizeof(T));
  return elements;
}

template <class T>
std::string formatted(const Tensor &tensor) {
  const std::vector<T> elements = elements_of<T>(tensor);
  return c_text::values<T>(elements);
}

std::string formatted_values(const Tensor &tensor) {
  switch (tensor.type) {
    case ElementType::int8:
      return formatted<std::int8_t>(tensor);
    case ElementType::uint8:
    case ElementType::boolean:
      return formatted<std::uint8_t>(tensor);
    case ElementType::int16:
      return formatted<std::int16_t>(tensor);
    case ElementType::int32:
      return formatted<std::int32_t>(tensor);
    case ElementType::int64:
      return formatted<std::int64_t>(tensor);
    case ElementType::float32:
      return formatted<float>(tensor);
  }
  return {};
}

}  // namespace

Fields &Fields::text(std::string_view name, const std::string &value) {
  lines_.append(static_cast<std::size_t>(4 * (nested_ + 1)), ' ');
  lines_ += '.';
  lines_ += name;
  lines_ += " = " + value + ",\n";
  return *this;
}

Fields &Fields::line(std::initializer_list<std::pair<std::string_view, std::int32_t>> fields) {
  std::string separator(static_cast<std::size_t>(4 * (nested_ + 1)), ' ');
  for (const auto &[name, value] : fields) {
    lines_ += separator + "." + std::string(name) + " = " + c_text::number(value) + ",";
    separator = " ";
  }
  lines_ += '\n';
  return *this;
}

Fields &Fields::set(std::string_view name, const Fields &inner) {
  return text(name,
              "{\n" + inner.lines() + std::string(static_cast<std::size_t>(4 * (nested_ + 1)), ' ') + "}");
}

namespace {

std::string tensor_name(const Graph &graph, TensorId tensor) {
  for (std::size_t i = 0; i < graph.inputs.size(); ++i) {
    if (graph.inputs[i] == tensor) return "INPUT_" + std::to_string(i);
  }
  if (const std::int32_t state = state_of(graph, tensor); state != kNone)
    return "STATE_" + std::to_string(state);
  for (std::size_t id = 0; id < graph.ops.size(); ++id) {
    const Op &op = graph.ops[id];
    if (op.output() == tensor) return std::to_string(id) + "_" + c_text::upper(name_of(op));
  }
  return "TENSOR_" + std::to_string(tensor);
}

std::string pointer(const Schedule &schedule, const Buffer *buffer, const std::string &type) {
  if (buffer == nullptr) return "(" + type + " *)0";
  return "(" + type + " *)(" + inner_arena_base(schedule, buffer->region) + " + " +
         offset_name(schedule, *buffer) + ")";
}

}  // namespace

std::string offset_name(const Schedule &schedule, const Buffer &buffer) {
  const std::string private_to = buffer.stage == kNone ? "" : "_IN_" + std::to_string(buffer.stage);
  if (buffer.kind == BufferKind::cursors)
    return buffer.stage == kNone ? "CALLS" : "CURSORS_" + std::to_string(buffer.stage);
  if (buffer.kind == BufferKind::scratch) return "SCRATCH_" + std::to_string(buffer.op) + private_to;
  const bool sums = buffer.kind == BufferKind::accumulator;
  return (sums ? "SUMS_" : "AT_") + tensor_name(*schedule.graph, buffer.tensor) + private_to;
}

std::string layout_text(const Layout &layout) {
  if (layout.fifo_pixels > 0) return "FIFO of " + c_text::number(layout.fifo_pixels) + " pixels";
  if (layout.fold == layout.shape) return "whole";
  const int rank = static_cast<int>(layout.shape.size());
  std::string text;
  for (int a = 0; a < rank; ++a) {
    const auto axis = static_cast<std::size_t>(a);
    if (layout.fold[axis] == layout.shape[axis]) continue;
    const char *what = a == axis_with(AxisRole::row, rank)       ? "rows"
                       : a == axis_with(AxisRole::column, rank)  ? "columns"
                       : a == axis_with(AxisRole::channel, rank) ? "channels"
                                                                 : "indices";
    text += (text.empty() ? "" : ", ") + c_text::number(layout.fold[axis]) + " of " +
            c_text::number(layout.shape[axis]) + " " + what;
  }
  return text;
}

std::string OpEmission::source(std::size_t i) {
  const TensorId id = op().inputs[i];
  const Tensor &tensor = graph().tensor(id);
  if (tensor.constant()) return constant(id, "input_" + std::to_string(i));
  return pointer(program_.schedule, buffer_of(program_.schedule, id, firing_.stage),
                 std::string("const ") + c_text::type_of(tensor.type));
}

std::string OpEmission::destination() const {
  return pointer(program_.schedule, buffer_of(program_.schedule, op().output(), firing_.stage),
                 c_text::type_of(output().type));
}

const Buffer *OpEmission::buffer_of_sums() const {
  return buffer_of_op(program_.schedule, BufferKind::accumulator, firing_.op, firing_.stage);
}

std::string OpEmission::sums() const {
  const ElementType type = output().type;
  const Buffer *buffer = buffer_of_sums();
  const int bytes = buffer == nullptr ? 4 : buffer->layout.element_size;
  if (bytes == 3) program_.headers.insert("thimble_sums.h");
  return pointer(program_.schedule, buffer,
                 type == ElementType::float32 ? "float"
                 : type == ElementType::int16 ? "int64_t"
                 : bytes == 3                 ? "thimble_sum24"
                 : bytes == 2                 ? "int16_t"
                                              : "int32_t");
}

std::string OpEmission::scratch() const {
  return pointer(program_.schedule,
                 buffer_of_op(program_.schedule, BufferKind::scratch, firing_.op, firing_.stage), "void");
}

const KernelVariant &OpEmission::variant() const {
  const std::vector<StageOp> &ops = program_.schedule.stages[static_cast<std::size_t>(firing_.stage)].ops;
  const auto own =
      std::find_if(ops.begin(), ops.end(), [&](const StageOp &other) { return other.op == firing_.op; });
  return kernel_variants(op())[static_cast<std::size_t>(own->variant)];
}

Layout OpEmission::source_layout(std::size_t i) const {
  const Buffer *buffer = buffer_of(program_.schedule, op().inputs[i], firing_.stage);
  return buffer == nullptr ? Layout::whole(input(i)) : buffer->layout;
}

Layout OpEmission::destination_layout() const {
  const Buffer *buffer = buffer_of(program_.schedule, op().output(), firing_.stage);
  return buffer == nullptr ? Layout::whole(output()) : buffer->layout;
}

Layout OpEmission::sums_layout() const {
  const Buffer *buffer = buffer_of_sums();
  return buffer == nullptr ? Layout::whole(output()) : buffer->layout;
}

bool OpEmission::in_place(std::size_t i) const {
  const Buffer *from = buffer_of(program_.schedule, op().inputs[i], firing_.stage);
  const Buffer *to = buffer_of(program_.schedule, op().output(), firing_.stage);
  return from != nullptr && to != nullptr && from->region == to->region && from->offset == to->offset &&
         from->layout.is_whole() && to->layout.is_whole();
}

bool OpEmission::shares_bytes(std::size_t i) const {
  const Buffer *from = buffer_of(program_.schedule, op().inputs[i], firing_.stage);
  const Buffer *to = buffer_of(program_.schedule, op().output(), firing_.stage);
  return from != nullptr && to != nullptr && share_bytes(*from, *to);
}

std::string OpEmission::is_first() const {
  if (firing_.facts->always_first) return "1";
  return firing_.part_begin.constant() ? "0" : firing_.part_begin.text + " == 0";
}

std::string OpEmission::is_last(std::int32_t extent) const {
  if (firing_.facts->always_last) return "1";
  return firing_.part_end.constant() ? "0" : firing_.part_end.text + " == " + c_text::number(extent);
}

void OpEmission::split_channels() {
  const std::size_t last = firing_.begin.size() - 1;
  const Term begin = firing_.begin[last];
  const Term end = firing_.end[last];
  code_.open("for (int32_t k = " + begin.text + "; k < " + end.text + "; ++k)");
  ++splits_;
  firing_.begin[last] = named("k", begin.least, end.most - 1);
  firing_.end[last] = firing_.begin[last] + number(1);
  nest::FireFacts pieces = facts();
  pieces.tiles.clear();
  pieces.parts.clear();
  for (std::size_t f = 0; f < facts().tiles.size(); ++f) {
    Region tile = facts().tiles[f];
    const Range channels = tile.axis[last];
    for (std::int32_t k = channels.begin; k < channels.end; ++k) {
      tile.axis[last] = {k, k + 1};
      pieces.tiles.push_back(tile);
      pieces.parts.push_back(facts().parts[f]);
    }
  }
  pieces_ = std::move(pieces);
  firing_.facts = &pieces_;
}

void OpEmission::split_part() {
  code_.open("for (int32_t piece = " + firing_.part_begin.text + "; piece < " + firing_.part_end.text +
             "; ++piece)");
  ++splits_;
  firing_.part_begin = named("piece", firing_.part_begin.least, firing_.part_end.most - 1);
  firing_.part_end = firing_.part_begin + number(1);
  nest::FireFacts pieces = facts();
  pieces.always_first = pieces.always_last = false;
  pieces.tiles.clear();
  pieces.parts.clear();
  for (std::size_t f = 0; f < facts().tiles.size(); ++f) {
    for (std::int32_t i = facts().parts[f].begin; i < facts().parts[f].end; ++i) {
      pieces.tiles.push_back(facts().tiles[f]);
      pieces.parts.push_back({i, i + 1});
    }
  }
  pieces_ = std::move(pieces);
  firing_.facts = &pieces_;
}

void OpEmission::finish() {
  for (; splits_ > 0; --splits_) code_.close();
}

std::vector<BoxAxis> OpEmission::box() const {
  const int rank = output().rank();
  std::vector<BoxAxis> box;
  for (int a = 0; a < rank; ++a) {
    const auto axis = static_cast<std::size_t>(a);
    BoxAxis side;
    side.name = a == axis_with(AxisRole::row, rank)       ? "r"
                : a == axis_with(AxisRole::column, rank)  ? "c"
                : a == axis_with(AxisRole::channel, rank) ? "k"
                                                          : "i" + std::to_string(a);
    side.begin = firing_.begin[axis];
    side.end = firing_.end[axis];
    for (const Region &tile : facts().tiles) side.ranges.push_back(tile.axis[a]);
    box.push_back(std::move(side));
  }
  return box;
}

template <class T>
std::string OpEmission::table(std::string_view suffix, std::span<const T> elements, std::string_view what) {
  ConstantTable table;
  table.symbol = program_.options.name + "_op_" + std::to_string(firing_.op) + "_" + std::string(suffix);
  // An operator of several stages has its tables once.
  if (!program_.own_tables.emplace(table.symbol, program_.tables.size()).second) return table.symbol;
  table.type = c_text::type_of<T>();
  table.comment = c_text::comment_text(what);
  table.values = c_text::values(elements);
  table.elements = static_cast<std::int64_t>(elements.size());
  table.bytes = table.elements * static_cast<std::int64_t>(sizeof(T));
  program_.tables.push_back(std::move(table));
  return program_.tables.back().symbol;
}

template std::string OpEmission::table(std::string_view, std::span<const std::int8_t>, std::string_view);
template std::string OpEmission::table(std::string_view, std::span<const std::uint8_t>, std::string_view);
template std::string OpEmission::table(std::string_view, std::span<const std::int16_t>, std::string_view);
template std::string OpEmission::table(std::string_view, std::span<const std::uint16_t>, std::string_view);
template std::string OpEmission::table(std::string_view, std::span<const std::int32_t>, std::string_view);
template std::string OpEmission::table(std::string_view, std::span<const std::int64_t>, std::string_view);
template std::string OpEmission::table(std::string_view, std::span<const float>, std::string_view);

std::string OpEmission::constant(TensorId id, std::string_view suffix) {
  if (const auto known = program_.raw_tables.find(id); known != program_.raw_tables.end())
    return known->second;
  const Tensor &tensor = graph().tensor(id);
  ConstantTable table;
  table.symbol = program_.options.name + "_op_" + std::to_string(firing_.op) + "_" + std::string(suffix);
  table.type = c_text::type_of(tensor.type);
  table.comment = c_text::quoted(tensor.name) + " " + c_text::shape(tensor.shape);
  table.values = formatted_values(tensor);
  table.elements = tensor.elements();
  table.bytes = tensor.bytes();
  program_.raw_tables[id] = table.symbol;
  program_.tables.push_back(std::move(table));
  return program_.tables.back().symbol;
}

std::string OpEmission::parameters(std::string_view type, const Fields &fields) {
  std::string symbol = label_;
  if (parameter_count_++ > 0) symbol += "_" + std::to_string(parameter_count_);
  definitions_ += "static const " + std::string(type) + " " + symbol + " = {\n" + fields.lines() + "};\n";
  return "&" + symbol;
}

std::string OpEmission::tile() {
  program_.headers.insert("thimble_map.h");
  std::string values;
  bool constant = true;
  for (std::size_t a = 1; a < 4; ++a) {
    for (const Term &term : {firing_.begin[a], firing_.end[a]}) {
      values += (values.empty() ? "" : ", ") + term.text;
      constant = constant && term.constant();
    }
  }
  if (constant) {
    definitions_ += "static const thimble_tile " + label_ + "_tile = {" + values + "};\n";
    return "&" + label_ + "_tile";
  }
  code_.line("const thimble_tile tile = {" + values + "};");
  return "&tile";
}

std::string OpEmission::call_text(std::string_view header, std::string_view kernel,
                                  std::initializer_list<std::string> arguments) {
  program_.headers.insert(std::string(header));
  program_.kernels.insert(std::string(kernel));
  std::string line = std::string(kernel) + "(";
  bool first = true;
  for (const std::string &argument : arguments) {
    line += (first ? "" : ", ") + argument;
    first = false;
  }
  return line + ")";
}

void OpEmission::call(std::string_view header, std::string_view kernel,
                      std::initializer_list<std::string> arguments) {
  code_.line(call_text(header, kernel, arguments) + ";");
}

}  // namespace thimble
