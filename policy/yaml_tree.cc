// SPDX-License-Identifier: Apache-2.0
#include "policy/yaml_tree.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <map>
#include <sstream>
#include <unordered_map>

#include "base/text.h"

namespace sallyport {
namespace {

using Kind = YamlNode::Kind;

struct Size {
  size_t nodes = 0;
  size_t bytes = 0;
  size_t depth = 0;
};

// Thrown through yaml-cpp out of an event and caught in ParseYaml.
struct Refused {
  Error error;
};

// RFC 3629, and no NUL: SQL and paths would end there.
bool IsCleanUtf8(std::string_view text) {
  size_t i = 0;
  while (i < text.size()) {
    const auto lead = static_cast<unsigned char>(text[i]);
    if (lead == 0) return false;
    const size_t more = lead < 0x80 ? 0 : lead < 0xc2 ? 9 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
    if (lead > 0xf4 || more == 9 || text.size() - i <= more) return false;
    unsigned code = more == 0 ? lead : lead & (0x3fU >> more);
    for (size_t k = 1; k <= more; ++k) {
      const auto next = static_cast<unsigned char>(text[i + k]);
      if ((next & 0xc0U) != 0x80U) return false;
      code = code << 6 | (next & 0x3fU);
    }
    if (more == 2 && (code < 0x800 || (code >= 0xd800 && code <= 0xdfff))) return false;
    if (more == 3 && (code < 0x10000 || code > 0x10ffff)) return false;
    i += more + 1;
  }
  return true;
}

class TreeBuilder : public YAML::EventHandler {
 public:
  TreeBuilder(std::string_view file_name, const YamlBudget& budget)
      : file_name_(file_name), budget_(budget) {}

  std::vector<YamlPtr> TakeDocuments() { return std::move(documents_); }

  void OnDocumentStart(const YAML::Mark&) override {
    anchors_.clear();
    open_.clear();
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    Leaf(NewNode(Kind::kNull, mark), anchor);
  }
  void OnScalar(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                const std::string& value) override {
    const auto node = NewNode(Kind::kScalar, mark);
    if (!IsCleanUtf8(value)) Refuse(Code::kMalformed, node->line, "text is not UTF-8 or has a NUL");
    node->text = value;
    Leaf(node, anchor);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) {
      Refuse(Code::kMalformed, mark.line + 1, "an alias stands inside its own anchor");
    }
    Count(found->second.size, mark.line + 1);
    Place(found->second.node, found->second.size, mark.line + 1);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    Open(NewNode(Kind::kSequence, mark), anchor);
  }
  void OnSequenceEnd() override { Close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    Open(NewNode(Kind::kMap, mark), anchor);
  }
  void OnMapEnd() override { Close(); }

 private:
  struct Anchored {
    YamlPtr node;
    Size size;
  };
  struct Frame {
    std::shared_ptr<YamlNode> node;
    YAML::anchor_t anchor = 0;
    Size size;
    YamlPtr key;                      // of a map: the key that waits for its value
    std::map<std::string, int> seen;  // keys of the map, and their lines
  };

  [[noreturn]] void Refuse(Code code, int line, const std::string& what) const {
    throw Refused{Error{code, std::string(file_name_) + ":" + std::to_string(line) + ": " + what}};
  }

  static std::shared_ptr<YamlNode> NewNode(Kind kind, const YAML::Mark& mark) {
    auto node = std::make_shared<YamlNode>();
    node->kind = kind;
    node->line = mark.line + 1;
    return node;
  }

  void Leaf(const std::shared_ptr<YamlNode>& node, YAML::anchor_t anchor) {
    const Size size{1, node->text.size(), 1};
    if (anchor != 0) anchors_[anchor] = {node, size};
    Count(size, node->line);
    Place(node, size, node->line);
  }

  void Open(std::shared_ptr<YamlNode> node, YAML::anchor_t anchor) {
    if (open_.size() >= budget_.depth) RefuseDepth(node->line);
    Count(Size{1, 0, 1}, node->line);
    open_.push_back(Frame{std::move(node), anchor, Size{1, 0, 1}, nullptr, {}});
  }

  void Close() {
    const Frame frame = std::move(open_.back());
    open_.pop_back();
    if (frame.anchor != 0) anchors_[frame.anchor] = {frame.node, frame.size};
    Place(frame.node, frame.size, frame.node->line);
  }

  void Count(const Size& size, int line) {
    total_.nodes += size.nodes;
    total_.bytes += size.bytes;
    if (total_.nodes > budget_.nodes) {
      Refuse(Code::kTooLarge, line,
             "more than " + std::to_string(budget_.nodes) + " nodes with aliases expanded");
    }
    if (total_.bytes > budget_.expanded_bytes) {
      Refuse(Code::kTooLarge, line,
             "more than " + std::to_string(budget_.expanded_bytes) +
                 " bytes of text with aliases expanded");
    }
  }

  // Puts a finished node, already counted, where it belongs.
  void Place(const YamlPtr& node, const Size& size, int line) {
    if (open_.size() + size.depth > budget_.depth) RefuseDepth(line);
    if (open_.empty()) {
      documents_.push_back(node);
      return;
    }
    Frame& frame = open_.back();
    frame.size.nodes += size.nodes;
    frame.size.bytes += size.bytes;
    frame.size.depth = std::max(frame.size.depth, size.depth + 1);
    if (frame.node->kind == Kind::kSequence) {
      frame.node->items.push_back(node);
    } else if (frame.key == nullptr) {
      TakeKey(frame, node, line);
    } else {
      frame.node->entries.emplace_back(std::move(frame.key), node);
      frame.key = nullptr;
    }
  }

  void TakeKey(Frame& frame, const YamlPtr& key, int line) const {
    if (key->kind != Kind::kScalar) Refuse(Code::kMalformed, line, "a key that is not plain text");
    const auto [first, fresh] = frame.seen.emplace(key->text, line);
    if (!fresh) {
      Refuse(Code::kMalformed, line,
             Excerpt(key->text) + ": stands here again, first in line " +
                 std::to_string(first->second));
    }
    frame.key = key;
  }

  [[noreturn]] void RefuseDepth(int line) const {
    Refuse(Code::kTooLarge, line,
           "nested deeper than " + std::to_string(budget_.depth) + " levels");
  }

  std::string_view file_name_;
  YamlBudget budget_;
  Size total_;
  std::vector<Frame> open_;
  std::unordered_map<YAML::anchor_t, Anchored> anchors_;
  std::vector<YamlPtr> documents_;
};

}  // namespace

Result<std::vector<YamlPtr>> ParseYaml(std::string_view yaml, std::string_view file_name,
                                       const YamlBudget& budget) {
  const std::string name(file_name);
  if (yaml.size() > budget.bytes) {
    return Fail(Code::kTooLarge, name + ": more than " + std::to_string(budget.bytes) + " bytes");
  }
  TreeBuilder builder(file_name, budget);
  try {
    std::istringstream stream{std::string(yaml)};
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const Refused& refused) {
    return tl::unexpected(refused.error);
  } catch (const YAML::Exception& error) {
    return Fail(Code::kMalformed,
                name + ":" + std::to_string(error.mark.line + 1) + ": " + error.msg);
  } catch (const std::exception& error) {
    return Fail(Code::kMalformed, name + ": " + error.what());
  }
  return builder.TakeDocuments();
}

}  // namespace sallyport
