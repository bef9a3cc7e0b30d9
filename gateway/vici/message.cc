// SPDX-License-Identifier: Apache-2.0
#include "gateway/vici/message.h"

#include <algorithm>

#include "base/bytes.h"

namespace sallyport::vici {
namespace {

enum Element : uint8_t {
  kSectionStart = 1,
  kSectionEnd = 2,
  kKeyValue = 3,
  kListStart = 4,
  kListItem = 5,
  kListEnd = 6,
};

Status PutName(std::string& out, std::string_view name) {
  if (name.size() > 0xff) return Fail(Code::kInvalidArgument, "vici: name over 255 bytes");
  PutU8(out, static_cast<uint8_t>(name.size()));
  out.append(name);
  return {};
}

Status PutValue(std::string& out, std::string_view key, std::string_view value) {
  if (value.size() > 0xffff) {
    return Fail(Code::kInvalidArgument, "vici: value over 65535 bytes: " + std::string(key));
  }
  PutU16(out, static_cast<uint16_t>(value.size()));
  out.append(value);
  return {};
}

Status PutMessage(std::string& out, const Message& message, int depth);

Status PutEntry(std::string& out, const Entry& entry, int depth) {
  if (const auto* text = std::get_if<std::string>(&entry.value)) {
    PutU8(out, kKeyValue);
    if (Status named = PutName(out, entry.key); !named) return named;
    return PutValue(out, entry.key, *text);
  }
  if (const auto* list = std::get_if<Message::List>(&entry.value)) {
    PutU8(out, kListStart);
    if (Status named = PutName(out, entry.key); !named) return named;
    for (const std::string& item : *list) {
      PutU8(out, kListItem);
      if (Status put = PutValue(out, entry.key, item); !put) return put;
    }
    PutU8(out, kListEnd);
    return {};
  }
  PutU8(out, kSectionStart);
  if (Status named = PutName(out, entry.key); !named) return named;
  if (Status put = PutMessage(out, std::get<Message>(entry.value), depth + 1); !put) return put;
  PutU8(out, kSectionEnd);
  return {};
}

Status PutMessage(std::string& out, const Message& message, int depth) {
  if (depth > kMaxDepth) return Fail(Code::kTooLarge, "vici: sections nested too deeply");
  for (const Entry& entry : message.entries()) {
    if (Status put = PutEntry(out, entry, depth); !put) return put;
  }
  return {};
}

class Decoder {
 public:
  explicit Decoder(std::string_view bytes) : in_(bytes) {}

  Result<Message> Root() { return Section(0); }

 private:
  tl::unexpected<Error> Bad(const std::string& what) const {
    return Fail(Code::kMalformed, "vici: " + what + " at byte " + std::to_string(in_.position()));
  }

  Result<std::string> Name() {
    const auto size = in_.U8();
    if (!size) return Bad("name without length");
    const auto text = in_.Take(*size);
    if (!text) return Bad("name longer than the message");
    return std::string(*text);
  }

  Result<std::string> Value() {
    const auto size = in_.U16();
    if (!size) return Bad("value without length");
    const auto text = in_.Take(*size);
    if (!text) return Bad("value longer than the message");
    return std::string(*text);
  }

  Result<Message::List> List() {
    Message::List items;
    for (;;) {
      const auto element = in_.U8();
      if (!element) return Bad("list without end");
      if (*element == kListEnd) return items;
      if (*element != kListItem) return Bad("element " + std::to_string(*element) + " in a list");
      if (++elements_ > kMaxElements) return Fail(Code::kTooLarge, "vici: too many elements");
      auto item = Value();
      if (!item) return tl::unexpected(item.error());
      items.push_back(*std::move(item));
    }
  }

  Result<Message::Value> ValueOf(uint8_t element, int depth) {
    if (element == kKeyValue)
      return Value().map([](auto v) { return Message::Value(std::move(v)); });
    if (element == kListStart)
      return List().map([](auto v) { return Message::Value(std::move(v)); });
    return Section(depth + 1).map([](auto v) { return Message::Value(std::move(v)); });
  }

  Result<Message> Section(int depth) {
    if (depth > kMaxDepth) return Fail(Code::kTooLarge, "vici: sections nested too deeply");
    std::vector<Entry> entries;
    for (;;) {
      if (in_.done() && depth == 0) return Finish(std::move(entries));
      const auto element = in_.U8();
      if (!element) return Bad("section without end");
      if (*element == kSectionEnd && depth > 0) return Finish(std::move(entries));
      if (*element != kSectionStart && *element != kKeyValue && *element != kListStart) {
        return Bad("unexpected element " + std::to_string(*element));
      }
      if (++elements_ > kMaxElements) return Fail(Code::kTooLarge, "vici: too many elements");
      auto key = Name();
      if (!key) return tl::unexpected(key.error());
      auto value = ValueOf(*element, depth);
      if (!value) return tl::unexpected(value.error());
      entries.push_back(Entry{*std::move(key), *std::move(value)});
    }
  }

  // Sorted once instead of searched per key: a stranger's section may have many.
  Result<Message> Finish(std::vector<Entry> entries) {
    std::vector<std::string_view> keys;
    for (const Entry& entry : entries) keys.push_back(entry.key);
    std::ranges::sort(keys);
    const auto twice = std::ranges::adjacent_find(keys);
    if (twice != keys.end()) return Bad("key that comes twice: " + std::string(*twice));
    Message message;
    for (Entry& entry : entries) message.Set(std::move(entry.key), std::move(entry.value));
    return message;
  }

  ByteReader in_;
  size_t elements_ = 0;
};

bool IsNamed(PacketType type) {
  return type == PacketType::kCommandRequest || type == PacketType::kEventRegister ||
         type == PacketType::kEventUnregister || type == PacketType::kEvent;
}

bool HasMessage(PacketType type) {
  return type == PacketType::kCommandRequest || type == PacketType::kCommandResponse ||
         type == PacketType::kEvent;
}

}  // namespace

Message::Message(std::initializer_list<Entry> entries) : entries_(entries) {}

void Message::Set(std::string key, Value value) {
  entries_.push_back(Entry{std::move(key), std::move(value)});
}

const Entry* Message::Find(std::string_view key) const {
  const auto it = std::ranges::find(entries_, key, &Entry::key);
  return it == entries_.end() ? nullptr : &*it;
}

std::optional<std::string_view> Message::Text(std::string_view key) const {
  const Entry* entry = Find(key);
  const auto* text = entry ? std::get_if<std::string>(&entry->value) : nullptr;
  return text ? std::optional<std::string_view>(*text) : std::nullopt;
}

const Message::List* Message::ListOf(std::string_view key) const {
  const Entry* entry = Find(key);
  return entry ? std::get_if<List>(&entry->value) : nullptr;
}

const Message* Message::Section(std::string_view key) const {
  const Entry* entry = Find(key);
  return entry ? std::get_if<Message>(&entry->value) : nullptr;
}

bool operator==(const Message& a, const Message& b) { return a.entries_ == b.entries_; }

Result<std::string> Encode(const Message& message) {
  std::string out;
  if (Status put = PutMessage(out, message, 0); !put) return tl::unexpected(put.error());
  return out;
}

Result<Message> Decode(std::string_view bytes) {
  if (bytes.size() > kMaxPacketBytes) return Fail(Code::kTooLarge, "vici: message over 512 KiB");
  return Decoder(bytes).Root();
}

Result<std::string> EncodePacket(const Packet& packet) {
  std::string body;
  PutU8(body, static_cast<uint8_t>(packet.type));
  if (IsNamed(packet.type)) {
    if (Status named = PutName(body, packet.name); !named) return tl::unexpected(named.error());
  }
  if (HasMessage(packet.type)) {
    const auto message = Encode(packet.message);
    if (!message) return message;
    body += *message;
  }
  if (body.size() > kMaxPacketBytes) return Fail(Code::kTooLarge, "vici: packet over 512 KiB");
  std::string out;
  PutU32(out, static_cast<uint32_t>(body.size()));
  return out + body;
}

Result<Packet> DecodePacket(std::string_view bytes) {
  ByteReader in(bytes);
  const auto type = in.U8();
  if (!type) return Fail(Code::kMalformed, "vici: empty packet");
  if (*type > static_cast<uint8_t>(PacketType::kEvent)) {
    return Fail(Code::kMalformed, "vici: packet type " + std::to_string(*type));
  }
  Packet packet;
  packet.type = static_cast<PacketType>(*type);
  if (IsNamed(packet.type)) {
    const auto size = in.U8();
    const auto name = size ? in.Take(*size) : Fail(Code::kMalformed, "");
    if (!name) return Fail(Code::kMalformed, "vici: packet name longer than the packet");
    packet.name = std::string(*name);
  }
  if (!HasMessage(packet.type)) {
    if (!in.done()) return Fail(Code::kMalformed, "vici: bytes after a packet without message");
    return packet;
  }
  auto message = Decode(bytes.substr(in.position()));
  if (!message) return tl::unexpected(message.error());
  packet.message = *std::move(message);
  return packet;
}

Result<std::optional<Packet>> Deframer::Next() {
  ByteReader in(std::string_view(buffer_).substr(at_));
  const auto size = in.U32();
  if (!size) return std::optional<Packet>();
  if (*size == 0 || *size > kMaxPacketBytes) {
    return Fail(Code::kMalformed, "vici: packet length " + std::to_string(*size));
  }
  const auto body = in.Take(*size);
  if (!body) return std::optional<Packet>();
  auto packet = DecodePacket(*body);
  if (!packet) return tl::unexpected(packet.error());
  at_ += in.position();
  // Moving the rest down per packet would be quadratic over a long list-sas.
  if (at_ == buffer_.size() || at_ > kMaxPacketBytes) {
    buffer_.erase(0, at_);
    at_ = 0;
  }
  return std::optional<Packet>(*std::move(packet));
}

}  // namespace sallyport::vici
