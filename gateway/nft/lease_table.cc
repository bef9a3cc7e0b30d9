// SPDX-License-Identifier: Apache-2.0
#include "gateway/nft/lease_table.h"

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <net/if.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <span>

#include "base/bytes.h"
#include "gateway/nft/attribute_reader.h"

namespace sallyport::gateway::nft {
namespace {

// An attribute's length has 16 bits: this many elements of at most 200 bytes fit into one list.
constexpr size_t kElementsPerMessage = 256;
constexpr Millis kWatchTimeout{10'000};
constexpr uint8_t kCommentType = 0;  // libnftnl: NFTNL_UDATA_SET_ELEM_COMMENT
constexpr size_t kMaxComment = 100;

struct NewElement {
  Place place;
  Tier tier = Tier::kNone;  // kNone: of a set, without a verdict
  Millis timeout{0};        // 0: to be deleted
  std::string device;
};

Attributes ElementAttributes(const NewElement& element) {
  Attributes key;
  key.Bytes(NFTA_DATA_VALUE, KeyBytes(element.place));
  Attributes out;
  out.Nested(NFTA_SET_ELEM_KEY, key);
  if (element.timeout.count() == 0) return out;
  if (element.tier != Tier::kNone) {
    Attributes data;
    data.Nested(NFTA_DATA_VERDICT, VerdictAttributes(NFT_JUMP, TierChain(element.tier)));
    out.Nested(NFTA_SET_ELEM_DATA, data);
  }
  out.U64(NFTA_SET_ELEM_TIMEOUT, static_cast<uint64_t>(element.timeout.count()));
  if (!element.device.empty()) {
    const std::string text = element.device.substr(0, kMaxComment) + '\0';
    std::string comment;
    PutU8(comment, kCommentType);
    PutU8(comment, static_cast<uint8_t>(text.size()));
    out.Bytes(NFTA_SET_ELEM_USERDATA, comment + text);
  }
  return out;
}

void AddElements(Transaction& out, uint16_t type, const char* set,
                 std::span<const NewElement> elements) {
  while (!elements.empty()) {
    const auto part = elements.first(std::min(elements.size(), kElementsPerMessage));
    elements = elements.subspan(part.size());
    Attributes list;
    for (const NewElement& element : part) {
      list.Nested(NFTA_LIST_ELEM, ElementAttributes(element));
    }
    Attributes attributes;
    attributes.Text(NFTA_SET_ELEM_LIST_TABLE, kTable);
    attributes.Text(NFTA_SET_ELEM_LIST_SET, set);
    attributes.Nested(NFTA_SET_ELEM_LIST_ELEMENTS, list);
    std::string about = std::string("inet sallyport ") + set + " element " + ToText(part[0].place);
    if (part.size() > 1) about += " and " + std::to_string(part.size() - 1) + " more";
    out.Add(type, type == NFT_MSG_NEWSETELEM ? NLM_F_CREATE : 0, attributes, std::move(about));
  }
}

using Table = std::vector<const nlattr*>;

Table Attribs(const nlattr* nested, uint16_t max) {
  Table out(max + size_t{1}, nullptr);
  ForEachNested(nested, [&out, max](const nlattr* attribute) {
    const uint16_t type = mnl_attr_get_type(attribute);
    if (type <= max) out[type] = attribute;
  });
  return out;
}

std::string_view BytesOf(const nlattr* attribute) {
  if (attribute == nullptr) return {};
  return {static_cast<const char*>(mnl_attr_get_payload(attribute)),
          mnl_attr_get_payload_len(attribute)};
}

std::optional<uint64_t> Number64(const nlattr* attribute) {
  ByteReader in(BytesOf(attribute));
  const auto high = in.U32();
  const auto low = in.U32();
  if (!high || !low) return std::nullopt;
  return uint64_t{*high} << 32 | *low;
}

std::optional<Place> PlaceOf(const nlattr* key) {
  if (key == nullptr) return std::nullopt;
  const std::string_view bytes = BytesOf(Attribs(key, NFTA_DATA_MAX)[NFTA_DATA_VALUE]);
  if (bytes.size() != IFNAMSIZ + 4) return std::nullopt;
  ByteReader in(bytes.substr(IFNAMSIZ));
  const std::string_view name = bytes.substr(0, IFNAMSIZ);
  return Place{std::string(name.substr(0, name.find('\0'))), Ipv4{in.U32().value()}};
}

Tier TierOf(const nlattr* data) {
  if (data == nullptr) return Tier::kNone;
  const nlattr* verdict = Attribs(data, NFTA_DATA_MAX)[NFTA_DATA_VERDICT];
  if (verdict == nullptr) return Tier::kNone;
  std::string_view chain = BytesOf(Attribs(verdict, NFTA_VERDICT_MAX)[NFTA_VERDICT_CHAIN]);
  chain = chain.substr(0, chain.find('\0'));
  for (Tier tier : {Tier::kQuarantine, Tier::kLimited, Tier::kFull}) {
    if (chain == TierChain(tier)) return tier;
  }
  return Tier::kNone;
}

std::string CommentOf(const nlattr* userdata) {
  ByteReader in(BytesOf(userdata));
  for (;;) {
    const auto type = in.U8();
    const auto size = in.U8();
    if (!type || !size) return "";
    const auto text = in.Take(*size);
    if (!text) return "";
    if (*type == kCommentType) return std::string(text->substr(0, text->find('\0')));
  }
}

uint64_t PacketsOf(const nlattr* expression) {
  if (expression == nullptr) return 0;
  const nlattr* data = Attribs(expression, NFTA_EXPR_MAX)[NFTA_EXPR_DATA];
  if (data == nullptr) return 0;
  return Number64(Attribs(data, NFTA_COUNTER_MAX)[NFTA_COUNTER_PACKETS]).value_or(0);
}

void ForEachElement(const nlmsghdr& message, const std::function<void(const Table&)>& each) {
  ForEachAttribute(message, [&each](const nlattr* attribute) {
    if (mnl_attr_get_type(attribute) != NFTA_SET_ELEM_LIST_ELEMENTS) return;
    ForEachNested(attribute,
                  [&each](const nlattr* element) { each(Attribs(element, NFTA_SET_ELEM_MAX)); });
  });
}

Attributes SetName(const char* set) {
  Attributes attributes;
  attributes.Text(NFTA_SET_ELEM_LIST_TABLE, kTable);
  attributes.Text(NFTA_SET_ELEM_LIST_SET, set);
  return attributes;
}

Status CheckMove(const Move& move) {
  if (move.after == Tier::kNone) return {};
  if (move.timeout.count() <= 0 || move.timeout > kMaxTimeout) {
    return Fail(Code::kInvalidArgument, "lease of " + ToText(move.place) + " for " +
                                            std::to_string(move.timeout.count()) + " ms");
  }
  return {};
}

Transaction TransactionOf(const std::vector<Move>& moves) {
  std::vector<NewElement> first;  // makes the delete find something, whatever is there
  std::vector<NewElement> second;
  std::vector<NewElement> third;
  for (const Move& move : moves) {
    // Adding what is there is no error only with the same verdict.
    const Tier there = move.before != Tier::kNone ? move.before : move.after;
    if (there != Tier::kNone) first.push_back({move.place, there, kMaxTimeout, ""});
    second.push_back({move.place, Tier::kNone, Millis{0}, ""});
    if (move.after != Tier::kNone) {
      third.push_back({move.place, move.after, move.timeout, move.device});
    }
  }
  Transaction out;
  AddElements(out, NFT_MSG_NEWSETELEM, kLeases, first);
  AddElements(out, NFT_MSG_DELSETELEM, kLeases, second);
  AddElements(out, NFT_MSG_NEWSETELEM, kLeases, third);
  return out;
}

}  // namespace

Result<LeaseTable> LeaseTable::Open() {
  auto socket = Socket::Open();
  if (!socket) return tl::unexpected(socket.error());
  return LeaseTable(*std::move(socket));
}

Status LeaseTable::Install(const Ruleset& ruleset) {
  return socket_.Commit(InstallTransaction(ruleset));
}

Status LeaseTable::Apply(const std::vector<Move>& moves) {
  for (const Move& move : moves) {
    if (Status checked = CheckMove(move); !checked) return checked;
  }
  for (size_t at = 0; at < moves.size(); at += kMaxMovesPerTransaction) {
    const size_t end = std::min(moves.size(), at + kMaxMovesPerTransaction);
    Status applied = ApplyBatch({moves.begin() + static_cast<std::ptrdiff_t>(at),
                                 moves.begin() + static_cast<std::ptrdiff_t>(end)});
    if (!applied) return applied;
  }
  return {};
}

Status LeaseTable::ApplyBatch(const std::vector<Move>& moves) {
  // The hot one: a single end is a single delete.
  if (moves.size() == 1 && moves[0].after == Tier::kNone) {
    Transaction out;
    AddElements(out, NFT_MSG_DELSETELEM, kLeases,
                std::vector<NewElement>{{moves[0].place, Tier::kNone, Millis{0}, ""}});
    Status deleted = socket_.Commit(out);
    if (!deleted && deleted.error().code == Code::kNotFound && Dump()) return {};
    return deleted;
  }
  Status applied = socket_.Commit(TransactionOf(moves));
  if (applied) return {};
  if (applied.error().code != Code::kConflict && applied.error().code != Code::kNotFound) {
    return applied;
  }
  return Correct(moves);
}

// The table was not as `before` said (an element ended or was changed by others): look, and again.
Status LeaseTable::Correct(std::vector<Move> moves) {
  const auto elements = Dump();
  if (!elements) return tl::unexpected(elements.error());
  std::map<Place, Tier> there;
  for (const Element& element : *elements) there[element.place] = element.tier;
  std::erase_if(moves, [&there](const Move& move) {
    return move.after == Tier::kNone && !there.contains(move.place);
  });
  for (Move& move : moves) {
    const auto it = there.find(move.place);
    move.before = it == there.end() ? Tier::kNone : it->second;
  }
  return socket_.Commit(TransactionOf(moves));
}

Result<std::vector<Element>> LeaseTable::Dump() {
  std::vector<Element> out;
  Status dumped = socket_.Dump(
      NFT_MSG_GETSETELEM, SetName(kLeases), "inet sallyport leases",
      [&out](const nlmsghdr& message) {
        ForEachElement(message, [&out](const Table& element) {
          const auto place = PlaceOf(element[NFTA_SET_ELEM_KEY]);
          if (!place) return;
          const auto left = Number64(element[NFTA_SET_ELEM_EXPIRATION]).value_or(0);
          out.push_back({*place, TierOf(element[NFTA_SET_ELEM_DATA]),
                         Millis(static_cast<int64_t>(left)),
                         CommentOf(element[NFTA_SET_ELEM_USERDATA])});
        });
      },
      [&out] { out.clear(); });
  if (!dumped) return tl::unexpected(dumped.error());
  std::ranges::sort(out, {}, &Element::place);
  return out;
}

Status LeaseTable::Watch(const std::vector<Place>& places) {
  std::vector<NewElement> elements;
  for (const Place& place : places) elements.push_back({place, Tier::kNone, kWatchTimeout, ""});
  Transaction out;
  for (const char* set : {kWatched, kPassed}) {
    AddElements(out, NFT_MSG_NEWSETELEM, set, elements);
  }
  return socket_.Commit(out);
}

Status LeaseTable::Unwatch(const std::vector<Place>& places) {
  std::vector<NewElement> gone;
  for (const Place& place : places) gone.push_back({place, Tier::kNone, Millis{0}, ""});
  Transaction out;
  for (const char* set : {kWatched, kPassed}) AddElements(out, NFT_MSG_DELSETELEM, set, gone);
  Status removed = socket_.Commit(out);
  if (!removed && removed.error().code == Code::kNotFound) return {};  // ended by themselves
  return removed;
}

Result<std::map<Place, uint64_t>> LeaseTable::Passed() {
  std::map<Place, uint64_t> out;
  Status dumped = socket_.Dump(
      NFT_MSG_GETSETELEM, SetName(kPassed), "inet sallyport passed",
      [&out](const nlmsghdr& message) {
        ForEachElement(message, [&out](const Table& element) {
          const auto place = PlaceOf(element[NFTA_SET_ELEM_KEY]);
          if (place) out[*place] = PacketsOf(element[NFTA_SET_ELEM_EXPR]);
        });
      },
      [&out] { out.clear(); });
  if (!dumped) return tl::unexpected(dumped.error());
  return out;
}

Result<Element> LeaseTable::Find(const Place& place) {
  const auto elements = Dump();
  if (!elements) return tl::unexpected(elements.error());
  const auto it = std::ranges::find(*elements, place, &Element::place);
  if (it == elements->end()) return Fail(Code::kNotFound, "no element " + ToText(place));
  return *it;
}

Status LeaseTable::SelfTest() {
  // A name that no interface can have by accident, and an address of TEST-NET-1 (RFC 5737).
  const Place place{"sallyport-test", Ipv4{0xc0000201}};
  const auto broken = [](const std::string& step) {
    return Fail(Code::kInternal, "nf_tables self-test: " + step);
  };
  const Move add{place, Tier::kNone, Tier::kQuarantine, Millis{10'000}, "self-test"};
  if (Status added = Apply({add}); !added) return Wrap(added.error(), "self-test: add");
  const auto first = Find(place);
  if (!first || first->tier != Tier::kQuarantine || first->device != "self-test" ||
      first->left > Millis{10'000} || first->left.count() == 0) {
    return broken("what was added is not read back");
  }
  const Move refresh{place, Tier::kQuarantine, Tier::kQuarantine, Millis{20'000}, "self-test"};
  if (Status done = Apply({refresh}); !done) return Wrap(done.error(), "self-test: refresh");
  const auto second = Find(place);
  if (!second || second->left <= Millis{10'000}) return broken("a refresh does not extend");
  const Move move{place, Tier::kQuarantine, Tier::kFull, Millis{20'000}, "self-test"};
  if (Status done = Apply({move}); !done) return Wrap(done.error(), "self-test: move");
  const auto third = Find(place);
  if (!third || third->tier != Tier::kFull) return broken("a move does not move");
  const Move end{place, Tier::kFull, Tier::kNone, Millis{0}, ""};
  if (Status done = Apply({end}); !done) return Wrap(done.error(), "self-test: delete");
  if (Find(place)) return broken("what was deleted is there");
  return {};
}

}  // namespace sallyport::gateway::nft
