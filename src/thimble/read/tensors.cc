#include "thimble/read/tensors.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <map>
#include <optional>

#include "thimble/base/checked.h"

namespace thimble::tflite {

namespace {

using schema::TensorType;

using ConstantData = std::shared_ptr<const std::vector<std::uint8_t>>;

std::optional<ElementType> element_type(TensorType type) {
  switch (type) {
    case TensorType::FLOAT32:
      return ElementType::float32;
    case TensorType::INT8:
      return ElementType::int8;
    case TensorType::UINT8:
      return ElementType::uint8;
    case TensorType::INT16:
      return ElementType::int16;
    case TensorType::INT32:
      return ElementType::int32;
    case TensorType::INT64:
      return ElementType::int64;
    case TensorType::BOOL:
      return ElementType::boolean;
    default:
      return std::nullopt;
  }
}

std::string type_name(TensorType type) {
  const char *name = schema::EnumNameTensorType(type);
  return *name != '\0' ? name : fmt::format("number {}", static_cast<int>(type));
}

/// An element of a vector of 64-bit numbers. The verifier looks at the alignment of the vector's length
/// alone, so they may lie at an odd multiple of 4 bytes.
std::int64_t element(const flatbuffers::Vector<std::int64_t> &vector, flatbuffers::uoffset_t index) {
  std::int64_t value;
  std::memcpy(&value, vector.Data() + std::size_t{index} * sizeof(value), sizeof(value));
  return flatbuffers::EndianScalar(value);
}

struct ZeroPointRange {
  std::int64_t low, high;
};

/// The accumulators' types are quantised symmetrically. So is int16 in most operators, which say so
/// themselves; a SOFTMAX from int8 to int16 is the exception.
ZeroPointRange zero_point_range(ElementType type) {
  switch (type) {
    case ElementType::int8:
      return {-128, 127};
    case ElementType::uint8:
      return {0, 255};
    case ElementType::int16:
      return {-32768, 32767};
    default:
      return {0, 0};
  }
}

/// Reads the tensors of one file; buffers are copied once, however many tensors refer to them.
class TensorReader {
 public:
  TensorReader(const ModelFile &file, CopyAllowance &allowance, Problems &problems)
      : file_(file), allowance_(allowance), problems_(problems) {}

  /// False when something is wrong (and said).
  bool read(std::size_t index, const TensorMarks &marks, Tensor &tensor, bool &dynamic_batch) {
    quiet_ = marks.quiet[index];
    kept_ = marks.kept[index];
    table_ = file_.subgraph->tensors()->Get(static_cast<flatbuffers::uoffset_t>(index));
    name_ = tensor_name(file_, static_cast<std::int64_t>(index));
    tensor.name = name_;
    return read_kind(tensor) && read_shape(tensor, dynamic_batch) && read_quantization(tensor) &&
           read_data(tensor);
  }

 private:
  bool refuse(std::string reason, std::string hint = kDamaged) {
    if (!quiet_) problems_.add(name_, std::move(reason), std::move(hint));
    return false;
  }

  bool read_kind(Tensor &tensor) {
    const std::optional<ElementType> type = element_type(table_->type());
    if (!type) {
      return refuse(fmt::format("its element type {} is not supported", type_name(table_->type())),
                    "quantise the model to int8, or keep it in float32");
    }
    if (table_->is_variable() && !kept_) {
      return refuse("it is a variable that keeps its value between inferences, which is not supported",
                    "export the model without state, or with the state as inputs and outputs");
    }
    if (table_->sparsity() != nullptr) {
      return refuse("it is stored sparsely, which is not supported",
                    "export the model without the sparse encoding");
    }
    tensor.type = *type;
    return true;
  }

  bool read_shape(Tensor &tensor, bool &dynamic_batch) {
    const auto *shape = table_->shape();
    const auto *signature = table_->shape_signature();
    const std::size_t rank = length(shape);
    if (rank > kMaxRank) {
      return refuse(fmt::format("it has {} dimensions, the limit is {}", rank, kMaxRank),
                    "reshape it to fewer dimensions in the model");
    }
    if (length(signature) != 0 && length(signature) != rank) {
      return refuse(
          fmt::format("its shape has {} dimensions but its shape signature has {}", rank, length(signature)));
    }
    std::int64_t elements = 1;
    for (flatbuffers::uoffset_t a = 0; a < rank; ++a) {
      std::int32_t dimension = shape->Get(a);
      if (dimension == -1 || (length(signature) != 0 && signature->Get(a) == -1)) {
        if (a != 0) {
          return refuse(fmt::format("dimension {} of its shape is dynamic", a),
                        "export the model with a fixed input shape (only the first dimension may be open)");
        }
        dimension = 1;
        dynamic_batch = true;
      }
      if (dimension < 0) return refuse(fmt::format("dimension {} of its shape is {}", a, dimension));
      const auto product = checked_mul(elements, dimension);
      if (!product || *product > tflite_limits::tensor_elements) {
        return refuse("it has more than 2147483647 elements");
      }
      elements = *product;
      tensor.shape.push_back(dimension);
    }
    return true;
  }

  bool read_quantization(Tensor &tensor) {
    const auto *quantization = table_->quantization();
    if (quantization == nullptr) return true;
    if (quantization->details_type() != schema::QuantizationDetails::NONE) {
      return refuse("its quantisation is blockwise, multi-axis or custom, which is not supported",
                    "quantise with one scale per tensor or per channel");
    }
    // Converters leave parameters on float tensors of quantisation-aware training; they mean nothing there.
    if (!is_integer(tensor.type)) return true;
    const auto *scales = quantization->scale();
    const auto *zero_points = quantization->zero_point();
    const std::size_t count = length(scales);
    if (count == 0) return true;
    if (length(zero_points) != count) {
      return refuse(fmt::format("it has {} scales but {} zero points", count, length(zero_points)));
    }
    std::int32_t axis = 0;
    if (count > 1) {
      // Biases have one dimension; files of 2019 give them the axis of their weights.
      axis = tensor.rank() == 1 ? 0 : quantization->quantized_dimension();
      if (axis < 0 || axis >= tensor.rank()) {
        return refuse(fmt::format("its scales are along dimension {}, which it does not have", axis));
      }
      const std::int32_t channels = tensor.shape[static_cast<std::size_t>(axis)];
      if (static_cast<std::int64_t>(count) != channels) {
        return refuse(
            fmt::format("it has {} scales for the {} channels of dimension {}", count, channels, axis));
      }
    }
    if (!allowance_.take(std::uint64_t{count} * 12)) return refuse_overlap();
    const ZeroPointRange range = zero_point_range(tensor.type);
    // Some exporters fold a negative factor (of a batch normalisation) into the scale of a channel of the
    // weights.
    const bool may_be_negative = count > 1 && table_->buffer() != 0;
    for (flatbuffers::uoffset_t c = 0; c < count; ++c) {
      const float scale = scales->Get(c);
      if (!std::isfinite(scale) || scale == 0.0f || (scale < 0.0f && !may_be_negative)) {
        return refuse(fmt::format("scale {} is {}, which is not a positive finite number", c, scale));
      }
      const std::int64_t zero_point = element(*zero_points, c);
      if (zero_point < range.low || zero_point > range.high) {
        return refuse(fmt::format("zero point {} is {}, but {} allows {} to {}", c, zero_point,
                                  name_of(tensor.type), range.low, range.high));
      }
    }
    tensor.quantization.axis = axis;
    tensor.quantization.scales.assign(scales->begin(), scales->end());
    for (flatbuffers::uoffset_t c = 0; c < count; ++c) {
      tensor.quantization.zero_points.push_back(static_cast<std::int32_t>(element(*zero_points, c)));
    }
    return true;
  }

  bool read_data(Tensor &tensor) {
    if (table_->external_buffer() != 0) {
      return refuse("its data is in another file, which is not supported",
                    "export the model with all weights in one file");
    }
    const std::uint32_t index = table_->buffer();
    if (index == 0) return true;
    if (index >= length(file_.model->buffers())) {
      return refuse(
          fmt::format("it refers to buffer {}, but the file has {}", index, length(file_.model->buffers())));
    }
    const auto known = copied_.find(index);
    ConstantData data;
    if (known != copied_.end()) {
      data = known->second;
    } else {
      const auto bytes = buffer_bytes(*file_.model->buffers()->Get(index), index);
      if (!bytes) return false;
      if (!bytes->empty()) {
        if (!allowance_.take(bytes->size())) return refuse_overlap();
        data = std::make_shared<const std::vector<std::uint8_t>>(bytes->begin(), bytes->end());
      }
      copied_[index] = data;
    }
    if (data == nullptr) return true;
    if (static_cast<std::int64_t>(data->size()) != tensor.bytes()) {
      return refuse(fmt::format("its shape and type need {} bytes, but buffer {} holds {}", tensor.bytes(),
                                index, data->size()));
    }
    tensor.data = std::move(data);
    return true;
  }

  /// The bytes of a buffer, inside the FlatBuffer or behind it.
  std::optional<std::span<const std::uint8_t>> buffer_bytes(const schema::Buffer &buffer,
                                                            std::uint32_t index) {
    if (length(buffer.data()) != 0) return std::span(buffer.data()->data(), buffer.data()->size());
    if (buffer.offset() <= 1 || buffer.size() == 0) return std::span<const std::uint8_t>();
    const std::uint64_t total = file_.bytes.size();
    if (buffer.offset() > total || buffer.size() > total - buffer.offset()) {
      refuse(fmt::format("buffer {} lies at bytes {} + {}, beyond the file's {}", index, buffer.offset(),
                         buffer.size(), total));
      return std::nullopt;
    }
    return file_.bytes.subspan(buffer.offset(), buffer.size());
  }

  bool refuse_overlap() { return refuse("parts of the file are used by too many tensors at once"); }

  const ModelFile &file_;
  CopyAllowance &allowance_;
  Problems &problems_;
  const schema::Tensor *table_ = nullptr;
  std::string name_;
  bool quiet_ = false, kept_ = false;
  std::map<std::uint32_t, ConstantData> copied_;  ///< by buffer; null for an empty one
};

}  // namespace

std::string printable(std::string_view text) {
  std::string result(text.substr(0, tflite_limits::name_characters));
  for (char &c : result) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  }
  return result;
}

std::string tensor_name(const ModelFile &file, std::int64_t index) {
  const auto *tensors = file.subgraph->tensors();
  if (index < 0 || index >= static_cast<std::int64_t>(length(tensors))) return "";
  const auto *name = tensors->Get(static_cast<flatbuffers::uoffset_t>(index))->name();
  return length(name) == 0 ? fmt::format("#{}", index) : printable(name->string_view());
}

TensorTable read_tensors(const ModelFile &file, const TensorMarks &marks, CopyAllowance &allowance,
                         Problems &problems) {
  TensorTable table;
  table.tensors.resize(marks.used.size());
  table.readable.assign(marks.used.size(), true);
  table.dynamic_batch.resize(marks.used.size());
  TensorReader reader(file, allowance, problems);
  for (std::size_t i = 0; i < marks.used.size(); ++i) {
    if (!marks.used[i]) continue;
    bool dynamic_batch = false;
    table.readable[i] = reader.read(i, marks, table.tensors[i], dynamic_batch);
    table.dynamic_batch[i] = dynamic_batch;
    if (!table.readable[i]) table.tensors[i] = Tensor();  // half of one is of no use
  }
  return table;
}

}  // namespace thimble::tflite
