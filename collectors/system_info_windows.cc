// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "base/text.h"
#include "collectors/answers.h"
#include "collectors/system_info.h"
#include "collectors/windows_registry.h"

namespace sallyport {
namespace {

constexpr char kCimv2[] = R"(root\CIMV2)";

// The one object of a class, a cell for each property; all unknown when it could not be asked.
// Blank text, with which firmware fills what it does not know, is NULL.
template <size_t N>
std::array<Value, N> OneObject(const Host& host, const std::string& wql) {
  std::array<Value, N> cells;
  const Result<Rows> rows = host.QueryWmi(kCimv2, wql);
  if (!rows || rows->empty() || rows->front().size() != N) {
    cells.fill(Unknown{});
    return cells;
  }
  std::ranges::copy(rows->front(), cells.begin());
  for (Value& cell : cells) {
    auto* text = std::get_if<std::string>(&cell);
    if (text == nullptr) continue;
    *text = Trim(*text);
    if (text->empty()) cell = std::monostate{};
  }
  return cells;
}

struct Processors {
  Value name = Unknown{};
  Value cores = Unknown{};
  Value threads = Unknown{};
  Value sockets = Unknown{};
};

// An object for each socket.
Processors ReadProcessors(const Host& host) {
  Processors out;
  const Result<Rows> rows = host.QueryWmi(
      kCimv2, "SELECT Name, NumberOfCores, NumberOfLogicalProcessors FROM Win32_Processor");
  if (!rows || rows->empty()) return out;
  int64_t cores = 0;
  int64_t threads = 0;
  for (const Row& row : *rows) {
    const auto* own_cores = std::get_if<int64_t>(&row.at(1));
    const auto* own_threads = std::get_if<int64_t>(&row.at(2));
    if (own_cores == nullptr || own_threads == nullptr) return out;
    cores += *own_cores;
    threads += *own_threads;
  }
  if (const auto* name = std::get_if<std::string>(&rows->front().at(0))) {
    out.name = Cell(Trim(*name));
  }
  out.cores = Cell(cores);
  out.threads = Cell(threads);
  out.sockets = Cell(static_cast<int64_t>(rows->size()));
  return out;
}

}  // namespace

Result<Rows> SystemInfoWindows(const Host& host, const Keys&) {
  const std::string tcpip =
      R"(HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters)";
  const std::string cpu = R"(HKEY_LOCAL_MACHINE\HARDWARE\DESCRIPTION\System\CentralProcessor\0)";
  const Result<Rows> asked = host.QueryWmi(
      kCimv2, "SELECT Name, Manufacturer, Model, TotalPhysicalMemory FROM Win32_ComputerSystem");
  if (!asked) return tl::unexpected(asked.error());
  if (asked->size() != 1) return Fail(Code::kMalformed, "Win32_ComputerSystem: not one object");
  const Row& system = asked->front();
  const auto product = OneObject<2>(host, "SELECT UUID, Version FROM Win32_ComputerSystemProduct");
  const auto bios = OneObject<1>(host, "SELECT SerialNumber FROM Win32_BIOS");
  const auto board = OneObject<4>(
      host, "SELECT Manufacturer, Product, Version, SerialNumber FROM Win32_BaseBoard");
  const Processors processors = ReadProcessors(host);
  const Value hostname = TextOrUnknown(RegistryText(host, tcpip, "Hostname"));
  return Rows{{
      hostname,
      product[0],
      TextOrUnknown(RegistryText(
          host,
          R"(HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\Session Manager\Environment)",
          "PROCESSOR_ARCHITECTURE")),
      // "Intel64 Family 6 Model 142 Stepping 10"
      TextOrUnknown(RegistryText(host, cpu, "Identifier")),
      processors.name,
      processors.cores,
      processors.threads,
      processors.sockets,
      Unknown{},  // "Update Revision" is bytes, whose order is the maker's
      system[3],
      system[1],
      system[2],
      product[1],
      bios[0],
      board[0],
      board[1],
      board[2],
      board[3],
      system[0],
      hostname,
      Cell(std::nullopt),
  }};
}

}  // namespace sallyport
