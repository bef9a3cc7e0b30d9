// SPDX-License-Identifier: Apache-2.0
// VICI messages as values, and their bytes. Pure: no socket.
// Format: strongSwan, src/libcharon/plugins/vici/README.md, "Message format" and "Packet layer".
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"

namespace sallyport::vici {

// "The maximum segment length is currently limited to 512KB."
inline constexpr size_t kMaxPacketBytes = 512 * 1024;
inline constexpr int kMaxDepth = 16;
inline constexpr size_t kMaxElements = 100'000;  // of one message

struct Entry;

// A section: ordered entries; a key may appear once (README: "must be unique").
class Message {
 public:
  using List = std::vector<std::string>;
  using Value = std::variant<std::string, List, Message>;

  Message() = default;
  Message(std::initializer_list<Entry> entries);

  void Set(std::string key, Value value);
  // nullptr, nullopt: no such key, or it is of another form. Views live as long as the message.
  std::optional<std::string_view> Text(std::string_view key) const;
  const List* ListOf(std::string_view key) const;
  const Message* Section(std::string_view key) const;
  const std::vector<Entry>& entries() const { return entries_; }

  friend bool operator==(const Message& a, const Message& b);

 private:
  const Entry* Find(std::string_view key) const;

  std::vector<Entry> entries_;
};

struct Entry {
  std::string key;
  Message::Value value;

  friend bool operator==(const Entry&, const Entry&) = default;
};

// kInvalidArgument for a name over 255 or a value over 65535 bytes, which have no encoding.
Result<std::string> Encode(const Message& message);
// kMalformed for everything that the README does not allow (also a key that comes twice, a list in
// a list, an element outside its list), naming the offset; kTooLarge over a bound of ours.
Result<Message> Decode(std::string_view bytes);

enum class PacketType : uint8_t {
  kCommandRequest = 0,
  kCommandResponse = 1,
  kCommandUnknown = 2,
  kEventRegister = 3,
  kEventUnregister = 4,
  kEventConfirm = 5,
  kEventUnknown = 6,
  kEvent = 7,
};

struct Packet {
  PacketType type = PacketType::kCommandResponse;
  std::string name;  // of requests, registrations and events
  Message message;

  friend bool operator==(const Packet&, const Packet&) = default;
};

// With the transport's length in front.
Result<std::string> EncodePacket(const Packet& packet);
// One packet without the length.
Result<Packet> DecodePacket(std::string_view bytes);

// Cuts a byte stream into packets. A length of 0 or over kMaxPacketBytes ends the stream for good:
// what follows has no meaning.
class Deframer {
 public:
  void Append(std::string_view bytes) { buffer_.append(bytes); }
  // nullopt: more bytes are needed.
  Result<std::optional<Packet>> Next();

 private:
  std::string buffer_;
  size_t at_ = 0;
};

}  // namespace sallyport::vici
