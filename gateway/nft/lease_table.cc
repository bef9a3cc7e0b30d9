// SPDX-License-Identifier: Apache-2.0
#include "gateway/nft/lease_table.h"

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <net/if.h>
#include <poll.h>

#include <algorithm>
#include <cstring>
#include <iterator>
#include <optional>
#include <ranges>
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
// NFT_TABLE_F_PERSIST of Linux 6.9: the table outlives its owner. Debian 12's header has no name
// for it.
constexpr uint32_t kTablePersists = 1 << 2;
constexpr int kDumpTries = 10;
constexpr int kResizeMillis = 5;  // a table of 8,192 elements is moved in less than one

struct NewElement {
  Place place;
  Millis timeout{0};  // 0: to be deleted
  std::string device;
};

void AddElement(Attributes& list, const NewElement& element) {
  const size_t begun = list.Begin(NFTA_LIST_ELEM);
  const size_t key = list.Begin(NFTA_SET_ELEM_KEY);
  list.Bytes(NFTA_DATA_VALUE, KeyBytes(element.place));
  list.End(key);
  if (element.timeout.count() != 0) {
    list.U64(NFTA_SET_ELEM_TIMEOUT, static_cast<uint64_t>(element.timeout.count()));
  }
  if (!element.device.empty()) {
    const std::string text = element.device.substr(0, kMaxComment) + '\0';
    std::string comment;
    PutU8(comment, kCommentType);
    PutU8(comment, static_cast<uint8_t>(text.size()));
    list.Bytes(NFTA_SET_ELEM_USERDATA, comment + text);
  }
  list.End(begun);
}

Attributes SetName(const std::string& set) {
  Attributes attributes;
  attributes.Text(NFTA_SET_ELEM_LIST_TABLE, kTable);
  attributes.Text(NFTA_SET_ELEM_LIST_SET, set);
  return attributes;
}

void AddElements(Transaction& out, uint16_t type, const std::string& set,
                 std::span<const NewElement> elements) {
  while (!elements.empty()) {
    const auto part = elements.first(std::min(elements.size(), kElementsPerMessage));
    elements = elements.subspan(part.size());
    Attributes list;
    for (const NewElement& element : part) AddElement(list, element);
    Attributes attributes = SetName(set);
    attributes.Nested(NFTA_SET_ELEM_LIST_ELEMENTS, list);
    std::string about = "inet sallyport " + set + " element " + ToText(part[0].place);
    if (part.size() > 1) about += " and " + std::to_string(part.size() - 1) + " more";
    out.Add(type, type == NFT_MSG_NEWSETELEM ? NLM_F_CREATE : 0, attributes, std::move(about));
  }
}

using Fields = std::vector<const nlattr*>;  // by attribute type

Fields Attribs(const nlattr* nested, uint16_t max) {
  Fields out(max + size_t{1}, nullptr);
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

void ForEachElement(const nlmsghdr& message, const std::function<void(const Fields&)>& each) {
  ForEachAttribute(message, [&each](const nlattr* attribute) {
    if (mnl_attr_get_type(attribute) != NFTA_SET_ELEM_LIST_ELEMENTS) return;
    ForEachNested(attribute,
                  [&each](const nlattr* element) { each(Attribs(element, NFTA_SET_ELEM_MAX)); });
  });
}

Attributes ElementName(const std::string& set, const Place& place) {
  Attributes list;
  AddElement(list, {place, Millis{0}, ""});
  Attributes attributes = SetName(set);
  attributes.Nested(NFTA_SET_ELEM_LIST_ELEMENTS, list);
  return attributes;
}

Element ElementOf(const Place& place, Tier tier, const Fields& fields) {
  const auto left = Number64(fields[NFTA_SET_ELEM_EXPIRATION]).value_or(0);
  return {place, tier, Millis(static_cast<int64_t>(left)),
          CommentOf(fields[NFTA_SET_ELEM_USERDATA])};
}

Status CheckMove(const Move& move) {
  if (move.after == Tier::kNone) return {};
  if (move.timeout.count() <= 0 || move.timeout > kMaxTimeout) {
    return Fail(Code::kInvalidArgument, "lease of " + ToText(move.place) + " for " +
                                            std::to_string(move.timeout.count()) + " ms");
  }
  return {};
}

Transaction TransactionOf(std::span<const Move> moves) {
  Transaction out;
  for (Tier tier : kLeaseTiers) {
    std::vector<NewElement> found;  // makes the delete find something: it may have ended by itself
    std::vector<NewElement> gone;
    std::vector<NewElement> wanted;
    for (const Move& move : moves) {
      if (move.before.value_or(tier) == tier) {
        found.push_back({move.place, kMaxTimeout, ""});
        gone.push_back({move.place, Millis{0}, ""});
      }
      if (move.after == tier) wanted.push_back({move.place, move.timeout, move.device});
    }
    AddElements(out, NFT_MSG_NEWSETELEM, LeaseSet(tier), found);
    AddElements(out, NFT_MSG_DELSETELEM, LeaseSet(tier), gone);
    AddElements(out, NFT_MSG_NEWSETELEM, LeaseSet(tier), wanted);
  }
  return out;
}

tl::unexpected<Error> Refused(const Error& error) {
  if (error.code != Code::kDenied) return tl::unexpected(error);
  return Fail(Code::kDenied, error.message + " (a gate that runs owns its table)");
}

// `elements` by place, the highest tier first. Where others have put a place into two sets the
// higher one counts, and it is no device's of ours.
std::vector<Element> Merged(const std::vector<Element>& elements) {
  std::vector<Element> out;
  for (const Element& element : elements) {
    if (!out.empty() && out.back().place == element.place) {
      out.back().device.clear();
    } else {
      out.push_back(element);
    }
  }
  return out;
}

// Of the table when the message was written; the same number is the same generation.
uint16_t GenerationOf(const nlmsghdr& message) {
  if (mnl_nlmsg_get_payload_len(&message) < sizeof(nfgenmsg)) return 0;
  return static_cast<const nfgenmsg*>(mnl_nlmsg_get_payload(&message))->res_id;
}

// The kernel goes on in the next part of a dump after as many elements as it gave out before. When
// the hash table was resized between the two (by its own worker, after a commit), the order is
// another: some elements come twice and as many not at all, and NLM_F_DUMP_INTR is not set.
// Calls `each` for every element of the set, once.
Status DumpSet(Socket& reader, const std::string& set, const std::function<void()>& restart,
               const std::function<void(const Place&, const Fields&)>& each,
               std::set<uint16_t>* generations) {
  const std::string about = "inet sallyport " + set;
  for (int tries = 0; tries < kDumpTries; ++tries) {
    std::set<Place> seen;
    bool twice = false;
    Status dumped = reader.Dump(
        NFT_MSG_GETSETELEM, SetName(set), about,
        [&](const nlmsghdr& message) {
          if (generations != nullptr) generations->insert(GenerationOf(message));
          ForEachElement(message, [&](const Fields& element) {
            const auto place = PlaceOf(element[NFTA_SET_ELEM_KEY]);
            if (!place) return;
            twice |= !seen.insert(*place).second;
            each(*place, element);
          });
        },
        [&] {
          seen.clear();
          twice = false;
          restart();
        });
    if (!dumped || !twice) return dumped;
    poll(nullptr, 0, kResizeMillis);
  }
  return Fail(Code::kConflict, "nf_tables: " + about + " is being rearranged");
}

}  // namespace

Result<LeaseTable> LeaseTable::Open() {
  auto writer = Socket::Open();
  if (!writer) return tl::unexpected(writer.error());
  auto reader = Socket::Open();
  if (!reader) return tl::unexpected(reader.error());
  return LeaseTable(std::make_shared<Writer>(*std::move(writer)), *std::move(reader));
}

Result<LeaseTable> LeaseTable::Share() const {
  auto reader = Socket::Open();
  if (!reader) return tl::unexpected(reader.error());
  return LeaseTable(writer_, *std::move(reader));
}

Status LeaseTable::Writer::Commit(const Transaction& transaction) {
  const std::lock_guard lock(mutex_);
  return socket_.Commit(transaction);
}

Result<Ownership> LeaseTable::Install(const Ruleset& ruleset, Ownership wanted) {
  const auto attempt = [&](uint32_t flags) {
    return writer_->Commit(InstallTransaction(ruleset, flags));
  };
  if (wanted == Ownership::kOurs) {
    const Status owned = attempt(NFT_TABLE_F_OWNER | kTablePersists);
    if (owned) return Ownership::kOurs;
    if (owned.error().code != Code::kUnsupported) return Refused(owned.error());
  }
  // So that a gate can make it its own.
  Status installed = attempt(kTablePersists);
  if (!installed && installed.error().code == Code::kUnsupported) installed = attempt(0);
  if (!installed) return Refused(installed.error());
  return Ownership::kAnyones;
}

Status LeaseTable::Apply(const std::vector<Move>& moves) {
  for (const Move& move : moves) {
    if (Status checked = CheckMove(move); !checked) return checked;
  }
  std::span<const Move> left(moves);
  while (!left.empty()) {
    const auto part = left.first(std::min(left.size(), kMaxMovesPerTransaction));
    left = left.subspan(part.size());
    if (Status applied = writer_->Commit(TransactionOf(part)); !applied) return applied;
  }
  return {};
}

Result<std::vector<Element>> LeaseTable::Dump() {
  for (int tries = 0; tries < kDumpTries; ++tries) {
    std::set<uint16_t> generations;
    std::vector<Element> out;
    for (Tier tier : kLeaseTiers) {
      auto elements = DumpTier(tier, generations);
      if (!elements) return elements;
      std::ranges::move(*elements, std::back_inserter(out));
    }
    if (generations.size() > 1) continue;  // an element moved between two of the dumps
    std::ranges::stable_sort(out, {}, &Element::place);
    return Merged(out);
  }
  return Fail(Code::kConflict, "nf_tables: inet sallyport leases do not stand still");
}

Result<std::vector<Element>> LeaseTable::DumpTier(Tier tier, std::set<uint16_t>& generations) {
  std::vector<Element> out;
  Status dumped = DumpSet(
      reader_, LeaseSet(tier), [&] { out.clear(); },
      [&](const Place& place, const Fields& fields) {
        out.push_back(ElementOf(place, tier, fields));
      },
      &generations);
  if (!dumped) return tl::unexpected(dumped.error());
  return out;
}

Result<Element> LeaseTable::Get(const Place& place) {
  std::vector<Element> found;  // the highest tier first
  for (Tier tier : std::views::reverse(kLeaseTiers)) {
    Status got = reader_.Get(NFT_MSG_GETSETELEM, ElementName(LeaseSet(tier), place),
                             "inet sallyport " + LeaseSet(tier) + " element " + ToText(place),
                             [&](const nlmsghdr& message) {
                               ForEachElement(message, [&](const Fields& fields) {
                                 const auto of = PlaceOf(fields[NFTA_SET_ELEM_KEY]);
                                 if (of == place)
                                   found.insert(found.begin(), ElementOf(place, tier, fields));
                               });
                             });
    if (!got && got.error().code != Code::kNotFound) return tl::unexpected(got.error());
  }
  if (found.empty()) return Fail(Code::kNotFound, "no element " + ToText(place));
  return Merged(found).front();
}

Status LeaseTable::Watch(const std::vector<Place>& places) {
  std::vector<NewElement> elements;
  for (const Place& place : places) elements.push_back({place, kWatchTimeout, ""});
  Transaction out;
  for (const char* set : {kWatched, kPassed}) {
    AddElements(out, NFT_MSG_NEWSETELEM, set, elements);
  }
  return writer_->Commit(out);
}

Status LeaseTable::Unwatch(const std::vector<Place>& places) {
  std::vector<NewElement> gone;
  for (const Place& place : places) gone.push_back({place, Millis{0}, ""});
  Transaction out;
  for (const char* set : {kWatched, kPassed}) AddElements(out, NFT_MSG_DELSETELEM, set, gone);
  Status removed = writer_->Commit(out);
  if (!removed && removed.error().code == Code::kNotFound) return {};  // ended by themselves
  return removed;
}

Result<std::map<Place, uint64_t>> LeaseTable::Passed() {
  std::map<Place, uint64_t> out;
  Status dumped = DumpSet(
      reader_, kPassed, [&] { out.clear(); },
      [&](const Place& place, const Fields& fields) {
        out[place] = PacketsOf(fields[NFTA_SET_ELEM_EXPR]);
      },
      nullptr);
  if (!dumped) return tl::unexpected(dumped.error());
  return out;
}

Status LeaseTable::SelfTest() {
  // A name that no interface can have by accident, and an address of TEST-NET-1 (RFC 5737).
  const Place place{"sallyport-test", Ipv4{0xc0000201}};
  const auto broken = [](const std::string& step) {
    return Fail(Code::kInternal, "nf_tables self-test: " + step);
  };
  const Move add{place, std::nullopt, Tier::kQuarantine, Millis{10'000}, "self-test"};
  if (Status added = Apply({add}); !added) return Wrap(added.error(), "self-test: add");
  const auto first = Get(place);
  if (!first || first->tier != Tier::kQuarantine || first->device != "self-test" ||
      first->left > Millis{10'000} || first->left.count() == 0) {
    return broken("what was added is not read back");
  }
  const Move refresh{place, Tier::kQuarantine, Tier::kQuarantine, Millis{20'000}, "self-test"};
  if (Status done = Apply({refresh}); !done) return Wrap(done.error(), "self-test: refresh");
  const auto second = Get(place);
  if (!second || second->left <= Millis{10'000}) return broken("a refresh does not extend");
  const Move move{place, Tier::kQuarantine, Tier::kFull, Millis{20'000}, "self-test"};
  if (Status done = Apply({move}); !done) return Wrap(done.error(), "self-test: move");
  const auto third = Get(place);
  if (!third || third->tier != Tier::kFull) return broken("a move does not move");
  const Move end{place, Tier::kFull, Tier::kNone, Millis{0}, ""};
  if (Status done = Apply({end}); !done) return Wrap(done.error(), "self-test: delete");
  if (Get(place)) return broken("what was deleted is there");
  return {};
}

}  // namespace sallyport::gateway::nft
