// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "base/text.h"
#include "collectors/answers.h"
#include "collectors/clamav_database.h"
#include "collectors/dpkg_status.h"
#include "collectors/edr/product.h"
#include "collectors/edr/report.h"
#include "collectors/edr/state.h"
#include "collectors/edr_products.h"
#include "collectors/processes.h"
#include "collectors/systemd_unit.h"

namespace sallyport {
namespace {

// The process of a mark: nullopt pid and certain: none runs.
struct Found {
  std::optional<int64_t> pid;
  bool certain = true;
};

Found FindProcess(const Host& host, const std::vector<NamedProcess>& processes,
                  const ProcessMark& mark) {
  Found found;
  for (const NamedProcess& process : processes) {
    if (process.comm != mark.comm) continue;
    const std::optional<bool> runs = RunsProgram(host, process.pid, mark.programs);
    if (runs && *runs) return {.pid = process.pid};
    if (!runs) found.certain = false;
  }
  return found;
}

// By its unit, whose main process must be there: systemd may not have seen yet that it ended.
Found FindByUnit(const Host& host, const EdrProduct& product) {
  const Result<Value> state = UnitActiveState(host, product.unit);
  if (!state) return {.pid = std::nullopt, .certain = false};
  if (*state != Cell("active")) return {};
  const Result<Value> pid = UnitMainPid(host, product.unit);
  const int64_t* number = pid ? std::get_if<int64_t>(&*pid) : nullptr;
  if (number == nullptr || *number <= 0) return {.pid = std::nullopt, .certain = false};
  const Result<std::string> stat = host.ReadFile("/proc/" + std::to_string(*number) + "/stat");
  if (!stat) return {.pid = std::nullopt, .certain = stat.error().code == Code::kNotFound};
  return ParseProcessState(*stat) == 'Z' ? Found{} : Found{.pid = *number};
}

// The unit of a product whose files are not there is not asked.
Found FindProduct(const Host& host, const std::vector<NamedProcess>& processes,
                  const EdrProduct& product, const std::optional<bool>& present) {
  if (!product.process.comm.empty()) return FindProcess(host, processes, product.process);
  return present == std::optional(false) ? Found{} : FindByUnit(host, product);
}

Value RunningCell(const Found& found) {
  if (found.pid) return Cell(true);
  return found.certain ? Cell(false) : Cell(Unknown{});
}

// nullopt: may not be told.
std::optional<bool> IsPresent(const Host& host, const EdrProduct& product) {
  bool certain = true;
  for (std::string_view file : product.files) {
    const Result<FileStat> stat = host.Stat(std::string(file));
    if (stat) return true;
    certain = certain && stat.error().code == Code::kNotFound;
  }
  return certain ? std::optional(false) : std::nullopt;
}

// "-c FILE", "-cFILE", "--config-file FILE", "--config-file=FILE": getopt_long(3).
std::optional<std::string> FlagValue(const std::vector<std::string>& arguments,
                                     std::span<const std::string_view> flags) {
  std::optional<std::string> out;
  for (size_t i = 0; i < arguments.size(); ++i) {
    const std::string_view argument = arguments[i];
    for (std::string_view flag : flags) {
      if (!argument.starts_with(flag)) continue;
      const std::string_view rest = argument.substr(flag.size());
      if (rest.empty()) {
        if (i + 1 < arguments.size()) out = arguments[i + 1];
      } else if (!flag.starts_with("--")) {
        out = std::string(rest);
      } else if (rest.starts_with('=')) {
        out = std::string(rest.substr(1));
      }
    }
  }
  return out;
}

// The configuration that the product's process was started with.
Result<std::string> ReadConfiguration(const Host& host, const EdrProduct& product,
                                      const Found& process) {
  std::string path(product.configuration.default_path);
  if (process.pid) {
    const std::string folder = "/proc/" + std::to_string(*process.pid);
    const Result<std::string> cmdline = host.ReadFile(folder + "/cmdline");
    if (!cmdline) return tl::unexpected(cmdline.error());
    const auto value = FlagValue(ParseArguments(*cmdline), product.configuration.flags);
    if (value && value->starts_with('/')) path = *value;
    if (value && !value->starts_with('/')) {
      const Result<std::string> here = host.ReadLink(folder + "/cwd");
      if (!here) return tl::unexpected(here.error());
      path = InFolder(*here, *value);
    }
  }
  return host.ReadFile(path);
}

bool Means(std::span<const std::string_view> values, std::string_view text) {
  return std::ranges::find(values, Lower(text)) != values.end();
}

Value EnforcingByCommand(const Host& host, const EnforcingSign& sign) {
  Command command;
  for (std::string_view word : sign.command) command.argv.emplace_back(word);
  const Result<CommandOutput> output = host.Run(command);
  if (!output || output->exit_code != 0) return Unknown{};
  for (std::string_view line : Lines(output->out)) {
    const auto fields = Fields(line);
    if (fields.size() == 2 && fields[0] == sign.field) return Cell(Means(sign.values, fields[1]));
  }
  return Unknown{};
}

// Read when it is asked for, once.
class Configuration {
 public:
  Configuration(const Host& host, const EdrProduct& product, const Found& process)
      : host_(host), product_(product), process_(process) {}

  const Result<std::string>& Text() {
    if (!text_) {
      text_ = product_.configuration.default_path.empty()
                  ? Result<std::string>(Fail(Code::kNotFound, "no configuration"))
                  : ReadConfiguration(host_, product_, process_);
    }
    return *text_;
  }

 private:
  const Host& host_;
  const EdrProduct& product_;
  const Found& process_;
  std::optional<Result<std::string>> text_;
};

Value PidCell(const Found& found) {
  if (found.pid) return Cell(*found.pid);
  return found.certain ? Cell(std::nullopt) : Cell(Unknown{});
}

// What the processes of a product decide.
struct ProcessCells {
  Value running;
  Value enforcing = Unknown{};
  Value pid;
  Value enforcing_pid = std::monostate{};
  Value mode = std::monostate{};
  Value degraded = std::monostate{};
  Value tamper = std::monostate{};
};

// What does not run enforces nothing.
ProcessCells CellsOf(const Host& host, const EdrProduct& product, const Found& process,
                     const std::vector<NamedProcess>& processes, Configuration* configuration) {
  ProcessCells cells{.running = RunningCell(process), .pid = PidCell(process)};
  if (cells.running != Cell(true)) {
    cells.enforcing = cells.running;
    return cells;
  }
  const EnforcingSign& sign = product.enforcing;
  if (sign.kind == EnforcingSign::Kind::kCommand) cells.enforcing = EnforcingByCommand(host, sign);
  if (sign.kind == EnforcingSign::Kind::kReport) {
    const ReportCells report = AskReport(host, sign.report);
    cells.enforcing = report.enforcing;
    cells.mode = report.mode;
    cells.degraded = report.degraded;
    cells.tamper = report.tamper;
  }
  if (sign.kind == EnforcingSign::Kind::kCompanion) {
    const Found companion = FindProcess(host, processes, sign.companion);
    cells.enforcing_pid = PidCell(companion);
    cells.enforcing = RunningCell(companion);
    if (!companion.pid) return cells;
    const Result<std::string>& text = configuration->Text();
    cells.enforcing = text ? Cell(Means(sign.values, ClamdOption(*text, sign.field))) : Unknown{};
  }
  return cells;
}

struct Signatures {
  Value age = std::monostate{};
  Value source = std::monostate{};
};

// A build time ahead of our clock by more than an hour says that one of the two is wrong.
Value SignatureAge(int64_t now_s, int64_t built_s) {
  constexpr int64_t kSlack = 3600;
  constexpr int64_t kDay = 86'400;
  if (built_s > now_s + kSlack) return Unknown{};
  return Cell(std::max<int64_t>(0, now_s - built_s) / kDay);
}

Signatures ReadSignatures(const Host& host, const EdrProduct& product,
                          Configuration* configuration) {
  if (product.signatures.kind == SignatureStore::Kind::kNone) return {};
  std::string folder(product.signatures.default_folder);
  const Result<std::string>& text = configuration->Text();
  if (text) {
    const std::string set = ClamdOption(*text, product.signatures.folder_option);
    if (!set.empty()) folder = set;
  } else if (text.error().code != Code::kNotFound) {
    return {Unknown{}, Unknown{}};
  }
  const auto newest = NewestClamavSignatures(host, folder);
  if (!newest) return {Unknown{}, Unknown{}};
  if (!*newest) return {};
  const int64_t now_s = std::chrono::duration_cast<std::chrono::seconds>(host.Time().wall).count();
  return {SignatureAge(now_s, (*newest)->built_s), Cell((*newest)->file)};
}

Value UnitState(const Host& host, const EdrProduct& product) {
  if (product.unit.empty()) return Cell(std::nullopt);
  const Result<Value> state = UnitActiveState(host, product.unit);
  if (state) return *state;
  const Code code = state.error().code;
  const bool no_bus =
      code == Code::kUnavailable || code == Code::kNotFound || code == Code::kUnsupported;
  return no_bus ? Cell(std::nullopt) : Cell(Unknown{});
}

Value VersionCell(const Result<std::string>& dpkg_status, const EdrProduct& product) {
  if (!dpkg_status) return TextOrNull(dpkg_status);
  if (product.dpkg_package.empty()) return Cell(std::nullopt);
  const auto version = InstalledVersion(*dpkg_status, product.dpkg_package);
  return version ? Cell(*version) : Cell(std::nullopt);
}

Row ProductRow(const Host& host, const EdrProduct& product, const Value& present,
               const Found& process, const std::vector<NamedProcess>& processes,
               const Result<std::string>& dpkg_status) {
  Configuration configuration(host, product, process);
  const ProcessCells cells = CellsOf(host, product, process, processes, &configuration);
  const Signatures signatures = ReadSignatures(host, product, &configuration);
  return {Cell(product.name),
          Cell(product.vendor),
          Cell(product.category),
          present,
          cells.running,
          cells.enforcing,
          EdrState(cells.running, cells.enforcing, cells.degraded, true),
          cells.pid,
          VersionCell(dpkg_status, product),
          signatures.age,
          signatures.source,
          UnitState(host, product),
          cells.enforcing_pid,
          cells.mode,
          cells.degraded,
          cells.tamper};
}

Value& At(Row* row, std::string_view column) {
  return (*row)[static_cast<size_t>(kEdrProducts.IndexOf(column))];
}

// A product whose processes are those of the row is not asked again.
bool SameProcesses(const Host& host, const EdrProduct& product, const Found& process,
                   const std::vector<NamedProcess>& processes, Row row) {
  if (PidCell(process) != At(&row, "pid") || !process.pid) return false;
  if (product.enforcing.kind != EnforcingSign::Kind::kCompanion) return true;
  return PidCell(FindProcess(host, processes, product.enforcing.companion)) ==
         At(&row, "enforcing_pid");
}

std::vector<std::string_view> NamesOfProducts() {
  std::vector<std::string_view> names;
  for (const EdrProduct& product : EdrProductsOfLinux()) {
    if (!product.process.comm.empty()) names.push_back(product.process.comm);
    const std::string_view companion = product.enforcing.companion.comm;
    if (!companion.empty()) names.push_back(companion);
  }
  return names;
}

ProcessLook* LookOf(std::any* memory) {
  if (!memory->has_value()) memory->emplace<ProcessLook>();
  return std::any_cast<ProcessLook>(memory);
}

}  // namespace

std::string EdrProcessesLinux(const Host& host, std::any* memory) {
  const auto processes = LookAgain(host, NamesOfProducts(), LookOf(memory));
  if (!processes) return std::string("error: ") + CodeName(processes.error().code);
  std::string out;
  for (const NamedProcess& process : *processes) {
    out += std::to_string(process.pid) + " " + process.comm + "\n";
  }
  return out;
}

Result<Rows> EdrAfterExitLinux(const Host& host, const Rows& before, std::any* memory) {
  const auto processes = LookAgain(host, NamesOfProducts(), LookOf(memory));
  if (!processes) return tl::unexpected(processes.error());
  Rows rows;
  for (Row row : before) {
    const auto product = std::ranges::find_if(
        EdrProductsOfLinux(), [&](const EdrProduct& p) { return Cell(p.name) == row[0]; });
    const Found process = FindProduct(host, *processes, *product, IsPresent(host, *product));
    if (!SameProcesses(host, *product, process, *processes, row)) {
      Configuration configuration(host, *product, process);
      const ProcessCells cells = CellsOf(host, *product, process, *processes, &configuration);
      At(&row, "running") = cells.running;
      At(&row, "enforcing") = cells.enforcing;
      At(&row, "state") = EdrState(cells.running, cells.enforcing, cells.degraded, true);
      At(&row, "pid") = cells.pid;
      At(&row, "enforcing_pid") = cells.enforcing_pid;
      At(&row, "mode") = cells.mode;
      At(&row, "degraded") = cells.degraded;
      At(&row, "tamper_protection") = cells.tamper;
    }
    const bool absent = At(&row, "present") == Cell(false) && IsNull(At(&row, "pid"));
    if (!absent) rows.push_back(std::move(row));
  }
  return rows;
}

Result<Rows> EdrProductsLinux(const Host& host, const Keys&) {
  const Result<std::vector<NamedProcess>> processes = ProcessesNamed(host, NamesOfProducts());
  if (!processes) return tl::unexpected(processes.error());
  const Result<std::string> dpkg_status = host.ReadFile(kDpkgStatusPath, kMaxDpkgStatusBytes);

  Rows rows;
  for (const EdrProduct& product : EdrProductsOfLinux()) {
    const std::optional<bool> present = IsPresent(host, product);
    const Found process = FindProduct(host, *processes, product, present);
    if (present && !*present && !process.pid && process.certain) continue;
    rows.push_back(ProductRow(host, product, present ? Cell(*present) : Cell(Unknown{}), process,
                              *processes, dpkg_status));
  }
  return rows;
}

}  // namespace sallyport
