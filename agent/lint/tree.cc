// SPDX-License-Identifier: Apache-2.0
#include "agent/lint/tree.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <utility>

#include "agent/lint/template_mark.h"
#include "base/text.h"
#include "base/utf8_path.h"

namespace sallyport {
namespace {

constexpr std::string_view kVersionControl[] = {".git", ".hg", ".svn"};

// With forward slashes, which Windows takes too; without "." and "..", and without a last slash.
std::string Normal(const std::filesystem::path& path) {
  const std::u8string text = path.lexically_normal().generic_u8string();
  std::string out(text.begin(), text.end());
  while (out.size() > 1 && out.ends_with('/')) out.pop_back();
  return out == "." ? "" : out;
}

bool IsBelow(std::string_view path, std::string_view folder) {
  if (folder.ends_with('/')) return path.starts_with(folder);
  return path.starts_with(folder) && (path.size() == folder.size() || path[folder.size()] == '/');
}

std::string Joined(const std::string& folder, const std::string& name) {
  return folder.ends_with('/') ? folder + name : folder + "/" + name;
}

const char* WhyNot(Code code) {
  return code == Code::kNotFound ? "is not there" : "cannot be read";
}

std::string ParentOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  return slash == std::string::npos || slash == 0 ? "/" : path.substr(0, slash);
}

class Walk {
 public:
  Walk(const Host& host, const TreeLimits& limits) : host_(host), limits_(limits) {}

  Status Add(const std::string& named, const std::string& folder);
  Result<Tree> Finish();

 private:
  Status Folder(const std::string& path, int depth);
  Status Entry(const std::string& path, FileType type, int depth);
  void Link(const std::string& path);
  Status File(const std::string& path, bool named);
  void Unread(const std::string& path, const std::string& why) {
    tree_.unread.push_back({.path = tree_.Shown(path), .kind = "", .why = why, .fingerprint = ""});
  }

  const Host& host_;
  const TreeLimits& limits_;
  Tree tree_;
  std::vector<std::pair<std::string, FileType>> named_;
  std::vector<std::string> links_;  // judged when all roots are known
  std::set<std::string> seen_;      // folders and files
};

Status Walk::Add(const std::string& named, const std::string& folder) {
  const std::filesystem::path given = PathOf(named);
  TreeRoot root;
  root.path = Normal(given.is_absolute() ? given : PathOf(folder) / given);
  const Result<FileStat> stat = host_.Stat(root.path);
  if (!stat) return Fail(stat.error().code, named + ": " + WhyNot(stat.error().code));
  const bool is_folder = stat->type == FileType::kDirectory;
  root.folder = is_folder ? root.path : ParentOf(root.path);
  root.shown = Normal(is_folder ? given : given.parent_path());
  const Result<std::string> real = host_.RealPath(root.folder);
  if (!real) return tl::unexpected(real.error());
  root.real = Normal(PathOf(*real));
  named_.emplace_back(root.path, stat->type);
  tree_.roots.push_back(std::move(root));
  return {};
}

Status Walk::File(const std::string& path, bool named) {
  if (!seen_.insert(path).second) return {};
  if (tree_.files.size() == limits_.files) {
    return Fail(Code::kTooLarge, "over " + std::to_string(limits_.files) + " files");
  }
  tree_.files.push_back({path, named});
  return {};
}

void Walk::Link(const std::string& path) {
  const Result<std::string> real = host_.RealPath(path);
  if (!real) {
    tree_.links.emplace_back(path, "a link to nothing that can be read");
  } else if (!tree_.Holds(Normal(PathOf(*real)))) {
    tree_.links.emplace_back(path, "a link that leads out of what is linted; not followed");
  } else {
    ++tree_.other;
  }
}

Status Walk::Entry(const std::string& path, FileType type, int depth) {
  switch (type) {
    case FileType::kDirectory:
      return Folder(path, depth + 1);
    case FileType::kFile:
      return File(path, false);
    case FileType::kSymlink:
      links_.push_back(path);
      return {};
    case FileType::kOther:
      ++tree_.other;
      return {};
  }
  return {};
}

Status Walk::Folder(const std::string& path, int depth) {
  if (!seen_.insert(path).second) return {};
  if (depth > limits_.depth) {
    Unread(path, "over " + std::to_string(limits_.depth) + " folders deep");
    return {};
  }
  const Result<std::vector<DirEntry>> entries = host_.ListDir(path);
  if (!entries) {
    Unread(path, std::string("folder cannot be listed: ") + CodeName(entries.error().code));
    return {};
  }
  for (const DirEntry& entry : *entries) {
    if (std::ranges::find(kVersionControl, entry.name) != std::end(kVersionControl)) continue;
    if (Status done = Entry(Joined(path, entry.name), entry.type, depth); !done) return done;
  }
  return {};
}

Result<Tree> Walk::Finish() {
  for (const auto& [path, type] : named_) {
    const Status done = type == FileType::kDirectory ? Folder(path, 0) : File(path, true);
    if (!done) return tl::unexpected(done.error());
  }
  for (const std::string& link : links_) Link(link);
  std::ranges::sort(tree_.files, {}, &TreeFile::path);
  return std::move(tree_);
}

// A byte order mark, or every second byte of the beginning is NUL.
bool IsUtf16(std::string_view text) {
  if (text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff")) return true;
  return text.size() >= 4 && ((text[0] == 0) != (text[1] == 0)) &&
         ((text[2] == 0) != (text[3] == 0));
}

}  // namespace

std::string Tree::Shown(std::string_view path) const {
  const std::string normal = Normal(PathOf(std::string(path)));
  for (const TreeRoot& root : roots) {
    for (const std::string& folder : {root.folder, root.real}) {
      if (!IsBelow(normal, folder)) continue;
      const std::string_view rest = std::string_view(normal).substr(folder.size());
      const std::string_view name = rest.starts_with('/') ? rest.substr(1) : rest;
      if (root.shown.empty() || name.empty()) return root.shown + std::string(name);
      return Joined(root.shown, std::string(name));
    }
  }
  return normal;
}

std::string Tree::ShownMessage(std::string message) const {
  for (const TreeRoot& root : roots) {
    for (const std::string& folder : {root.folder, root.real}) {
      const std::string from = Joined(folder, "");
      const std::string to = root.shown.empty() ? "" : Joined(root.shown, "");
      if (from == to || from == "/") continue;
      for (size_t at = message.find(from); at != std::string::npos;) {
        const bool begins = at == 0 || message[at - 1] == ' ';
        if (begins) message.replace(at, from.size(), to);
        at = message.find(from, at + (begins ? to.size() : from.size()));
      }
    }
  }
  return message;
}

bool Tree::Holds(std::string_view real_path) const {
  return std::ranges::any_of(roots,
                             [&](const TreeRoot& root) { return IsBelow(real_path, root.real); });
}

Result<Tree> WalkTree(const Host& host, std::span<const std::string> paths,
                      const std::string& folder, const TreeLimits& limits) {
  Walk walk(host, limits);
  for (const std::string& path : paths) {
    if (Status added = walk.Add(path, folder); !added) return tl::unexpected(added.error());
  }
  return walk.Finish();
}

Result<std::string> TreeHost::Inside(const std::string& path) const {
  const Result<std::string> real = host_.RealPath(path);
  if (!real && tree_.Holds(Normal(PathOf(path)))) {
    const Code code = real.error().code;
    if (code == Code::kNotFound) return Fail(code, path + ": no such file");
    return Fail(code, path + ": cannot be read: " + CodeName(code));
  }
  // A missing path outside of the tree is nobody's business here either.
  if (!real) return Fail(Code::kDenied, path + ": lies outside of what is linted, and is not read");
  std::string normal = Normal(PathOf(*real));
  if (tree_.Holds(normal)) return normal;
  return Fail(Code::kDenied, path + ": lies outside of what is linted, and is not read");
}

Result<std::string> TreeHost::ReadText(const std::string& path) const {
  const Result<std::string> real = Inside(path);
  if (!real) return real;
  return ReadInside(path, *real);
}

Result<std::string> TreeHost::ReadInside(const std::string& path, const std::string& real) const {
  Result<std::string> text = host_.ReadFile(real, limits_.bytes);
  if (!text)
    return Fail(text.error().code, path + ": cannot be read: " + CodeName(text.error().code));
  if (IsUtf16(*text)) return Fail(Code::kMalformed, path + ": is UTF-16 text");
  if (text->find('\0') != std::string::npos) return Fail(Code::kMalformed, path + ": is binary");
  return text;
}

Result<std::string> TreeHost::ReadFile(const std::string& path, size_t max_bytes) const {
  const Result<std::string> real = Inside(path);
  if (!real) return real;
  Result<std::string> text = ReadInside(path, *real);
  if (!text) return text;
  if (text->size() > max_bytes) {
    return Fail(Code::kTooLarge, path + ": over " + std::to_string(max_bytes) + " bytes");
  }
  if (const auto mark = FindTemplate(*text)) {
    return Fail(Code::kUnsupported, path + ":" + std::to_string(mark->line) + ": a template (" +
                                        std::string(mark->opening) +
                                        "): what a program will read is not known here");
  }
  read_[*real] = *text;
  return text;
}

Result<std::vector<DirEntry>> TreeHost::ListDir(const std::string& path) const {
  const Result<std::string> real = Inside(path);
  if (!real) return tl::unexpected(real.error());
  return host_.ListDir(*real);
}

Result<FileStat> TreeHost::Stat(const std::string& path) const {
  const Result<std::string> real = Inside(path);
  if (!real) return tl::unexpected(real.error());
  return host_.Stat(*real);
}

Result<std::string> TreeHost::ReadLink(const std::string& path) const {
  return host_.ReadLink(path);
}

Result<std::string> TreeHost::RealPath(const std::string& path) const { return Inside(path); }

Result<CommandOutput> TreeHost::Run(const Command&) const {
  return Fail(Code::kUnsupported, "files are linted, no machine is asked");
}

Result<Value> TreeHost::ReadDbusProperty(const DbusProperty&) const {
  return Fail(Code::kUnsupported, "files are linted, no machine is asked");
}

}  // namespace sallyport
