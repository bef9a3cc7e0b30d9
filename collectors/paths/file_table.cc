// SPDX-License-Identifier: Apache-2.0
// Table file, as osquery fills it: lstat(2) says whether the path is a link, stat(2) all the rest.
#include <array>

#include "base/text.h"
#include "collectors/osquery/paths.h"
#include "collectors/paths/path_keys.h"
#include "collectors/paths/tables.h"

namespace sallyport {
namespace {

const char* TypeName(FileDetails::Kind kind) {
  switch (kind) {
    case FileDetails::Kind::kRegular:
      return "regular";
    case FileDetails::Kind::kDirectory:
      return "directory";
    case FileDetails::Kind::kSymlink:
      return "symlink";
    case FileDetails::Kind::kBlock:
      return "block";
    case FileDetails::Kind::kCharacter:
      return "character";
    case FileDetails::Kind::kFifo:
      return "fifo";
    case FileDetails::Kind::kSocket:
      return "socket";
    case FileDetails::Kind::kUnknown:
      break;
  }
  return "unknown";
}

template <typename T>
Value OrUnknown(const std::optional<T>& answer) {
  return answer ? Cell(*answer) : Cell(Unknown{});
}

// Four octal digits: "0644", "4755".
Value ModeText(const std::optional<uint32_t>& mode) {
  if (!mode) return Unknown{};
  std::string text;
  for (int shift = 9; shift >= 0; shift -= 3) {
    text.push_back(static_cast<char>('0' + ((*mode >> shift) & 7u)));
  }
  return text;
}

std::string Hex(uint64_t number, size_t digits) {
  std::string text(digits, '0');
  for (size_t i = digits; i-- > 0; number >>= 4) text[i] = "0123456789abcdef"[number & 15u];
  return text;
}

// winnt.h: FILE_ATTRIBUTE_*, by osquery's letters and in its order.
std::string AttributeLetters(uint32_t attributes) {
  static constexpr std::pair<uint32_t, char> kLetters[] = {
      {0x20, 'A'},   {0x800, 'C'}, {0x4000, 'E'}, {0x400, 'L'},   {0x2, 'H'},
      {0x8000, 'V'}, {0x80, 'N'},  {0x2000, 'I'}, {0x20000, 'X'}, {0x1000, 'O'},
      {0x1, 'R'},    {0x4, 'S'},   {0x100, 'T'}};
  std::string text;
  for (const auto& [bit, letter] : kLetters) {
    if ((attributes & bit) != 0) text.push_back(letter);
  }
  return text;
}

// What only Windows has; what it keeps inside of files is not looked at.
void SetWindows(const FileDetails& details, const std::string& path, RowOf* row) {
  row->Set("attributes",
           details.attributes ? Cell(AttributeLetters(*details.attributes)) : Cell(Unknown{}));
  row->Set("volume_serial", details.volume_serial
                                ? Cell(Hex(*details.volume_serial >> 16, 4) + "-" +
                                       Hex(*details.volume_serial & 0xffffu, 4))
                                : Cell(Unknown{}));
  row->Set("file_id", details.inode ? Cell("0x" + Hex(static_cast<uint64_t>(*details.inode), 16))
                                    : Cell(Unknown{}));
  if (details.kind != FileDetails::Kind::kRegular) return;
  for (const char* column : {"file_version", "product_version", "original_filename"}) {
    row->Set(column, Unknown{});
  }
  if (!Lower(path).ends_with(".lnk")) return;
  for (const char* column :
       {"shortcut_target_path", "shortcut_target_type", "shortcut_target_location",
        "shortcut_start_in", "shortcut_run", "shortcut_comment"}) {
    row->Set(column, Unknown{});
  }
}

// The whole way; of a link to nothing what is written in it.
Value TargetOf(const Host& host, const std::string& path, const FileDetails& details) {
  if (!details.link_target) return std::monostate{};
  const auto real = host.RealPath(path);
  return real ? Cell(*real) : Cell(*details.link_target);
}

Row RowOfFile(const Host& host, const AskedPath& asked, const FileDetails& details) {
  RowOf row(kFileTable);
  row.Set("path", asked.path)
      .Set("directory", asked.directory)
      .Set("filename", FilenameOf(host, asked.path))
      .Set("inode", OrUnknown(details.inode))
      .Set("uid", OrUnknown(details.uid))
      .Set("gid", OrUnknown(details.gid))
      .Set("mode", ModeText(details.mode))
      .Set("device", OrUnknown(details.device))
      .Set("size", details.size)
      .Set("block_size", OrUnknown(details.block_size))
      .Set("atime", OrUnknown(details.accessed_s))
      .Set("mtime", details.modified_s)
      .Set("ctime", OrUnknown(details.changed_s))
      .Set("btime", OrUnknown(details.born_s))
      .Set("hard_links", OrUnknown(details.hard_links))
      .Set("symlink", Cell(details.link_target.has_value()))
      .Set("type", Cell(TypeName(details.kind)))
      .Set("symlink_target_path", TargetOf(host, asked.path, details));
  if (host.os() == Os::kWindows) SetWindows(details, asked.path, &row);
  if (host.os() == Os::kMacos) row.Set("bsd_flags", Unknown{});
  return row.Take();
}

}  // namespace

Result<Rows> FileTable(const Host& host, const Keys& keys) {
  const auto asked = AskedPaths(host, kFileTable, keys);
  if (!asked) return tl::unexpected(asked.error());
  Rows rows;
  for (const AskedPath& one : *asked) {
    const auto details = host.Inspect(one.path);
    if (details) {
      rows.push_back(RowOfFile(host, one, *details));
    } else if (details.error().code != Code::kNotFound) {
      return tl::unexpected(details.error());
    }
  }
  return rows;
}

}  // namespace sallyport
