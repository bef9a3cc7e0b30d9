// SPDX-License-Identifier: Apache-2.0
#include "collectors/lz4_frame.h"

#include <lz4frame.h>

#include <array>
#include <memory>
#include <string>

namespace sallyport {
namespace {

constexpr size_t kPiece = 64 << 10;

using Context = std::unique_ptr<LZ4F_dctx, decltype(&LZ4F_freeDecompressionContext)>;

Result<Context> MakeContext() {
  LZ4F_dctx* made = nullptr;
  const LZ4F_errorCode_t code = LZ4F_createDecompressionContext(&made, LZ4F_VERSION);
  if (LZ4F_isError(code)) return Fail(Code::kExhausted, std::string("lz4: no context"));
  return Context(made, &LZ4F_freeDecompressionContext);
}

}  // namespace

Status UnpackLz4(std::string_view frames, size_t max_bytes,
                 const std::function<void(std::string_view)>& piece) {
  const auto context = MakeContext();
  if (!context) return tl::unexpected(context.error());
  std::array<char, kPiece> out;
  size_t budget = max_bytes;
  size_t missing = 0;  // of the frame; 0 between frames
  for (size_t produced = 0; !frames.empty() || (missing != 0 && produced == out.size());) {
    produced = out.size();
    size_t taken = frames.size();
    missing =
        LZ4F_decompress(context->get(), out.data(), &produced, frames.data(), &taken, nullptr);
    if (LZ4F_isError(missing)) {
      return Fail(Code::kMalformed, std::string("lz4: ") + LZ4F_getErrorName(missing));
    }
    frames.remove_prefix(taken);
    if (produced > budget) return Fail(Code::kTooLarge, "lz4: content over the bound");
    budget -= produced;
    if (produced > 0) piece({out.data(), produced});
    if (produced == 0 && taken == 0) break;  // it waits for more than there is
  }
  if (missing != 0) return Fail(Code::kMalformed, "lz4: a frame without its end");
  return {};
}

Result<std::string> PackLz4(std::string_view content) {
  std::string out(LZ4F_compressFrameBound(content.size(), nullptr), '\0');
  const size_t size =
      LZ4F_compressFrame(out.data(), out.size(), content.data(), content.size(), nullptr);
  if (LZ4F_isError(size))
    return Fail(Code::kInternal, "lz4: " + std::string(LZ4F_getErrorName(size)));
  out.resize(size);
  return out;
}

}  // namespace sallyport
