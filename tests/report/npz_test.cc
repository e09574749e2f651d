// .npz archives as NumPy writes them, whole and damaged.
#include "thimble/report/npz.h"

#include <gtest/gtest.h>
#include <zlib.h>

namespace thimble::report {
namespace {

using Bytes = std::vector<std::uint8_t>;

void put(Bytes &bytes, std::uint32_t value, int size) {
  for (int i = 0; i < size; ++i) bytes.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

Bytes deflated(const Bytes &data) {
  z_stream stream = {};
  EXPECT_EQ(deflateInit2(&stream, 6, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
  Bytes packed(deflateBound(&stream, data.size()));
  stream.next_in = const_cast<std::uint8_t *>(data.data());
  stream.avail_in = static_cast<uInt>(data.size());
  stream.next_out = packed.data();
  stream.avail_out = static_cast<uInt>(packed.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

struct Member {
  std::string name;
  Bytes data;
};

/// NumPy writes sizes behind the local headers (ZIP64) and whole ones into the directory.
Bytes archive(const std::vector<Member> &members, bool packed, const std::string &comment = "") {
  Bytes bytes, directory;
  for (const Member &member : members) {
    const Bytes data = packed ? deflated(member.data) : member.data;
    const auto local = static_cast<std::uint32_t>(bytes.size());
    const auto checksum =
        static_cast<std::uint32_t>(crc32(0, member.data.data(), static_cast<uInt>(member.data.size())));
    const auto name_length = static_cast<std::uint32_t>(member.name.size());
    put(bytes, 0x04034b50, 4);
    put(bytes, 45, 2);
    put(bytes, 0, 2);
    put(bytes, packed ? 8 : 0, 2);
    put(bytes, 0, 4);
    put(bytes, checksum, 4);
    put(bytes, 0xffffffff, 4);
    put(bytes, 0xffffffff, 4);
    put(bytes, name_length, 2);
    put(bytes, 20, 2);
    bytes.insert(bytes.end(), member.name.begin(), member.name.end());
    bytes.resize(bytes.size() + 20);
    bytes.insert(bytes.end(), data.begin(), data.end());
    put(directory, 0x02014b50, 4);
    put(directory, 45, 2);
    put(directory, 45, 2);
    put(directory, 0, 2);
    put(directory, packed ? 8 : 0, 2);
    put(directory, 0, 4);
    put(directory, checksum, 4);
    put(directory, static_cast<std::uint32_t>(data.size()), 4);
    put(directory, static_cast<std::uint32_t>(member.data.size()), 4);
    put(directory, name_length, 2);
    for (int i = 0; i < 12; ++i) directory.push_back(0);
    put(directory, local, 4);
    directory.insert(directory.end(), member.name.begin(), member.name.end());
  }
  const auto begin = static_cast<std::uint32_t>(bytes.size());
  bytes.insert(bytes.end(), directory.begin(), directory.end());
  put(bytes, 0x06054b50, 4);
  put(bytes, 0, 4);
  put(bytes, static_cast<std::uint32_t>(members.size()), 2);
  put(bytes, static_cast<std::uint32_t>(members.size()), 2);
  put(bytes, static_cast<std::uint32_t>(directory.size()), 4);
  put(bytes, begin, 4);
  put(bytes, static_cast<std::uint32_t>(comment.size()), 2);
  bytes.insert(bytes.end(), comment.begin(), comment.end());
  return bytes;
}

NpyArray counting(std::int32_t length) {
  NpyArray array{ElementType::int8, {length}, {}};
  for (std::int32_t i = 0; i < length; ++i) array.bytes.push_back(static_cast<std::uint8_t>(i % 7));
  return array;
}

Bytes two_arrays(bool packed) {
  return archive(
      {{"frames.npy", npy_bytes(counting(300))}, {"notes.txt", {1, 2, 3}}, {"x.npy", npy_bytes(counting(5))}},
      packed, "a comment");
}

std::string reason_of(const Bytes &bytes) {
  const auto members = parse_npz(bytes, "x.npz");
  return members ? "accepted" : members.error().text();
}

TEST(Npz, ReadsStoredAndDeflatedArrays) {
  for (const bool packed : {false, true}) {
    const auto members = parse_npz(two_arrays(packed), "x.npz");
    ASSERT_TRUE(members) << members.error().text();
    ASSERT_EQ(members->size(), 2u);
    EXPECT_EQ((*members)[0].name, "frames");
    EXPECT_EQ((*members)[0].array.bytes, counting(300).bytes);
    EXPECT_EQ((*members)[1].name, "x");
    EXPECT_EQ((*members)[1].array.shape, Shape{5});
  }
}

TEST(Npz, OneLineSaysWhatIsDamaged) {
  EXPECT_NE(reason_of({}).find("is not a .npz file"), std::string::npos);
  EXPECT_NE(reason_of(Bytes(100, 'x')).find("is not a .npz file"), std::string::npos);
  Bytes changed = archive({{"x.npy", npy_bytes(counting(300))}}, false);
  changed[200] ^= 1;
  EXPECT_NE(reason_of(changed).find("checksum"), std::string::npos);
  // A claim of 4 GB less one byte for a few: no memory is asked for.
  Bytes huge = archive({{"x.npy", npy_bytes(counting(300))}}, true);
  const std::size_t entry = huge.size() - 22 - 46 - 5;
  for (std::size_t i = 24; i < 28; ++i) huge[entry + i] = 0xfe;
  EXPECT_NE(reason_of(huge).find("cannot have"), std::string::npos);
}

// Whatever a byte becomes, there is an answer: the array as it was, or one line.
TEST(Npz, NoDamageGoesUnnoticed) {
  for (const bool packed : {false, true}) {
    const Bytes whole = archive({{"x.npy", npy_bytes(counting(40))}}, packed);
    for (std::size_t i = 0; i < whole.size(); ++i) {
      for (const std::uint8_t flip : {0x01, 0x80, 0xff}) {
        Bytes damaged = whole;
        damaged[i] ^= flip;
        const auto members = parse_npz(damaged, "x.npz");
        if (members && !members->empty()) {
          EXPECT_EQ((*members)[0].array.bytes, counting(40).bytes) << i;
        }
      }
    }
    for (std::size_t length = 0; length < whole.size(); ++length)
      EXPECT_FALSE(parse_npz(std::span(whole).first(length), "x.npz"));
  }
}

}  // namespace
}  // namespace thimble::report
