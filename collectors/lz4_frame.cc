// SPDX-License-Identifier: Apache-2.0
#include "collectors/lz4_frame.h"

#include <cstdint>
#include <cstring>
#include <string>

namespace sallyport {
namespace {

constexpr uint32_t kMagic = 0x184D2204;
constexpr uint32_t kSkippableMagic = 0x184D2A50;  // and the 15 behind it
constexpr size_t kWindow = 64 << 10;

tl::unexpected<Error> Malformed(const char* what) {
  return Fail(Code::kMalformed, std::string("lz4: ") + what);
}

// Little-endian cursor; ByteReader is for network order.
struct Input {
  std::string_view bytes;
  size_t at = 0;

  size_t left() const { return bytes.size() - at; }
  bool Skip(size_t count) {
    if (count > left()) return false;
    at += count;
    return true;
  }
  bool U8(uint8_t* out) {
    if (left() < 1) return false;
    *out = static_cast<uint8_t>(bytes[at++]);
    return true;
  }
  bool U32(uint32_t* out) {
    if (left() < 4) return false;
    *out = 0;
    for (size_t i = 0; i < 4; ++i) {
      *out |= static_cast<uint32_t>(static_cast<uint8_t>(bytes[at + i])) << (8 * i);
    }
    at += 4;
    return true;
  }
};

// A length's low four bits, and as many bytes more as are 255, and one.
bool TakeLength(Input* in, size_t* length) {
  if (*length != 15) return true;
  uint8_t more = 255;
  while (more == 255) {
    if (!in->U8(&more)) return false;
    *length += more;
  }
  return true;
}

// The output: at most one block behind at most one window of what came before.
class Window {
 public:
  explicit Window(size_t block_size) : block_(block_size) { buffer_.resize(kWindow + block_size); }

  void Forget() { start_ = end_ = 0; }
  // Keeps the last window and starts a block behind it.
  void StartBlock() {
    const size_t keep = end_ < kWindow ? end_ : kWindow;
    std::memmove(buffer_.data(), buffer_.data() + end_ - keep, keep);
    start_ = end_ = keep;
  }
  bool Append(std::string_view literals) {
    if (literals.size() > Room()) return false;
    std::memcpy(buffer_.data() + end_, literals.data(), literals.size());
    end_ += literals.size();
    return true;
  }
  bool Repeat(size_t distance, size_t length) {
    if (distance == 0 || distance > end_ || length > Room()) return false;
    char* to = buffer_.data() + end_;
    if (distance >= length) {
      std::memcpy(to, to - distance, length);
    } else {
      for (size_t i = 0; i < length; ++i) to[i] = to[i - distance];  // overlaps: a repeated pattern
    }
    end_ += length;
    return true;
  }
  std::string_view block() const { return std::string_view(buffer_).substr(start_, end_ - start_); }

 private:
  size_t Room() const { return block_ - (end_ - start_); }

  size_t block_;
  std::string buffer_;
  size_t start_ = 0;
  size_t end_ = 0;
};

Status UnpackBlock(std::string_view bytes, Window* out) {
  Input in{bytes};
  for (;;) {
    uint8_t token = 0;
    if (!in.U8(&token)) return Malformed("a block without its last literals");
    size_t literals = token >> 4;
    if (!TakeLength(&in, &literals) || literals > in.left()) return Malformed("short literals");
    if (!out->Append(bytes.substr(in.at, literals))) return Malformed("a block over its size");
    in.at += literals;
    if (in.left() == 0) return {};

    uint8_t low = 0;
    uint8_t high = 0;
    if (!in.U8(&low) || !in.U8(&high)) return Malformed("a short offset");
    size_t length = token & 15;
    if (!TakeLength(&in, &length)) return Malformed("a short match");
    if (!out->Repeat(size_t{low} | size_t{high} << 8, length + 4)) {
      return Malformed("a match outside the window or over the block's size");
    }
  }
}

struct FrameHeader {
  bool independent = false;
  bool block_checksums = false;
  bool content_checksum = false;
  size_t block_size = 0;
};

Result<FrameHeader> TakeHeader(Input* in) {
  uint8_t flags = 0;
  uint8_t sizes = 0;
  if (!in->U8(&flags) || !in->U8(&sizes)) return Malformed("a short header");
  if (flags >> 6 != 1 || (sizes >> 4 & 7) < 4) return Malformed("another version of the format");
  FrameHeader header;
  header.independent = flags & 0x20;
  header.block_checksums = flags & 0x10;
  header.content_checksum = flags & 0x04;
  header.block_size = size_t{1} << (8 + 2 * (sizes >> 4 & 7));  // 64 KiB to 4 MiB
  const size_t rest = (flags & 0x08 ? 8u : 0u) + (flags & 0x01 ? 4u : 0u) + 1;
  if (!in->Skip(rest)) return Malformed("a short header");
  return header;
}

Status UnpackFrame(Input* in, size_t* budget, const std::function<void(std::string_view)>& piece) {
  const Result<FrameHeader> header = TakeHeader(in);
  if (!header) return tl::unexpected(header.error());
  Window window(header->block_size);
  for (;;) {
    uint32_t size = 0;
    if (!in->U32(&size)) return Malformed("a frame without its end");
    if (size == 0) break;
    const bool stored = size >> 31;
    size &= 0x7fffffff;
    if (size > in->left()) return Malformed("a short block");
    const std::string_view bytes = in->bytes.substr(in->at, size);
    if (header->independent) window.Forget();
    window.StartBlock();
    if (stored) {
      if (!window.Append(bytes)) return Malformed("a block over its size");
    } else if (const Status unpacked = UnpackBlock(bytes, &window); !unpacked) {
      return unpacked;
    }
    if (window.block().size() > *budget)
      return Fail(Code::kTooLarge, "lz4: content over the bound");
    *budget -= window.block().size();
    piece(window.block());
    if (!in->Skip(size + (header->block_checksums ? 4 : 0))) return Malformed("a short checksum");
  }
  if (header->content_checksum && !in->Skip(4)) return Malformed("a short checksum");
  return {};
}

}  // namespace

Status UnpackLz4(std::string_view frames, size_t max_bytes,
                 const std::function<void(std::string_view)>& piece) {
  Input in{frames};
  size_t budget = max_bytes;
  while (in.left() > 0) {
    uint32_t magic = 0;
    if (!in.U32(&magic)) return Malformed("a short magic number");
    if ((magic & 0xfffffff0) == kSkippableMagic) {
      uint32_t size = 0;
      if (!in.U32(&size) || !in.Skip(size)) return Malformed("a short skippable frame");
      continue;
    }
    if (magic != kMagic) return Malformed("not a frame");
    if (const Status frame = UnpackFrame(&in, &budget, piece); !frame) return frame;
  }
  return {};
}

}  // namespace sallyport
