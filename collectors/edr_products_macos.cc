// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <optional>

#include "base/text.h"
#include "collectors/edr/macos_product.h"
#include "collectors/edr/state.h"
#include "collectors/edr_products.h"
#include "collectors/macos_management.h"
#include "collectors/named_values.h"
#include "collectors/xprotect_bundle.h"

namespace sallyport {
namespace {

constexpr int64_t kDay = 86'400;

class ProductRow {
 public:
  ProductRow() : cells_(kEdrProducts.columns.size(), Value(std::monostate{})) {}
  void Set(std::string_view column, Value value) {
    cells_[static_cast<size_t>(kEdrProducts.IndexOf(column))] = std::move(value);
  }
  Row Take() { return std::move(cells_); }

 private:
  Row cells_;
};

// mdatp(1) prints text in quotes, and " [managed]" behind what a profile set.
std::string Word(const NamedValues& values, const std::string& name) {
  const auto found = values.find(name);
  if (found == values.end()) return "";
  std::string_view text = found->second;
  if (text.ends_with("[managed]")) text = Trim(text.substr(0, text.size() - 9));
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') {
    text = text.substr(1, text.size() - 2);
  }
  return std::string(text);
}

std::optional<bool> Truth(const NamedValues& values, const std::string& name) {
  const std::string word = Word(values, name);
  if (word == "true") return true;
  return word == "false" ? std::optional(false) : std::nullopt;
}

Value TruthCell(const std::optional<bool>& value) { return value ? Cell(*value) : Cell(Unknown{}); }

// What a healthy sensor says; anything else is less than it should be. Without full disk access it
// sees no file of a person's, whatever else it says; a licence that has run out stops it later.
Value MdatpDegraded(const NamedValues& values) {
  const bool said_no = Truth(values, "healthy") == false || Truth(values, "licensed") == false ||
                       Truth(values, "full_disk_access_enabled") == false ||
                       Truth(values, "passive_mode_enabled") == true ||
                       Truth(values, "real_time_protection_enabled") == false;
  const std::string conflicts = Word(values, "conflicting_applications");
  if (said_no || (!conflicts.empty() && conflicts != "[]")) return Cell(true);
  const bool said_yes = Truth(values, "healthy") && Truth(values, "licensed") &&
                        Truth(values, "full_disk_access_enabled");
  return said_yes ? Cell(false) : Cell(Unknown{});
}

void DescribeMdatp(const Result<NamedValues>& said, ProductRow& row) {
  for (const char* column :
       {"enforcing", "mode", "degraded", "tamper_protection", "version", "signature_age_days"}) {
    row.Set(column, Unknown{});
  }
  if (!said) return;
  const auto real_time = Truth(*said, "real_time_protection_enabled");
  const auto passive = Truth(*said, "passive_mode_enabled");
  if (passive == true || real_time == false) {
    row.Set("enforcing", Cell(false));
  } else if (passive && real_time) {
    row.Set("enforcing", Cell(true));
  }
  if (passive) row.Set("mode", Cell(*passive ? "passive" : "active"));
  row.Set("degraded", MdatpDegraded(*said));
  // "audit" writes down what it does not stop.
  const std::string tamper = Word(*said, "tamper_protection");
  if (!tamper.empty()) row.Set("tamper_protection", Cell(tamper == "block"));
  if (!Word(*said, "app_version").empty()) row.Set("version", Cell(Word(*said, "app_version")));
  if (const auto minutes = ParseInt(Word(*said, "definitions_updated_minutes_ago"))) {
    row.Set("signature_age_days", Cell(*minutes / 1440));
    row.Set("signature_source", Cell("mdatp health"));
  }
}

void DescribeFalcon(const Result<NamedValues>& said, ProductRow& row) {
  for (const char* column : {"enforcing", "mode", "degraded", "tamper_protection"}) {
    row.Set(column, Unknown{});
  }
  if (!said) return;
  const auto operational = Truth(*said, "Sensor operational");
  row.Set("enforcing", TruthCell(operational));
  if (operational) row.Set("degraded", Cell(!*operational));
  if (!Word(*said, "version").empty()) row.Set("version", Cell(Word(*said, "version")));
}

void DescribeByTool(const Host& host, const MacosEdrProduct& product, ProductRow& row) {
  if (product.tool == MacosEdrProduct::Tool::kNone) {
    for (const char* column : {"enforcing", "mode", "degraded", "tamper_protection"}) {
      row.Set(column, Unknown{});
    }
    return;
  }
  const auto said = AskNamedValues(
      host, std::vector<std::string>(product.command.begin(), product.command.end()));
  if (product.tool == MacosEdrProduct::Tool::kMdatp) {
    DescribeMdatp(said, row);
  } else {
    DescribeFalcon(said, row);
  }
}

// An extension that waits for its user, or for a restart to be gone, does nothing.
Row RowOf(const Host& host, const MacosEdrProduct& product, const SystemExtension& extension) {
  const bool active = extension.state == "activated_enabled";
  ProductRow row;
  row.Set("name", Cell(product.name));
  row.Set("vendor", Cell(product.vendor));
  row.Set("category", Cell(product.category));
  row.Set("present", Cell(true));
  row.Set("running", Cell(active));
  row.Set("version", Cell(extension.version));
  row.Set("unit_state", Cell(extension.state));
  row.Set("pid", active ? Cell(Unknown{}) : Cell(std::nullopt));
  if (active) {
    DescribeByTool(host, product, row);
  } else {
    row.Set("enforcing", Cell(false));
    row.Set("mode", Unknown{});
    row.Set("tamper_protection", Unknown{});
  }
  Row out = row.Take();
  const auto at = [&out](std::string_view column) -> Value& {
    return out[static_cast<size_t>(kEdrProducts.IndexOf(column))];
  };
  at("state") = EdrState(at("running"), at("enforcing"), at("degraded"),
                         product.tool != MacosEdrProduct::Tool::kNone);
  return out;
}

// Apple's own: rules that the system uses when it opens a program, without a process of their own.
std::optional<Row> XprotectRow(const Host& host) {
  const auto bundle = FindXprotectBundle(host);
  if (!bundle && bundle.error().code == Code::kNotFound) return std::nullopt;
  ProductRow row;
  row.Set("name", Cell("xprotect"));
  row.Set("vendor", Cell("Apple"));
  row.Set("category", Cell("antivirus"));
  row.Set("present", bundle ? Cell(true) : Cell(Unknown{}));
  row.Set("enforcing", Unknown{});
  row.Set("version", bundle ? bundle->version : Cell(Unknown{}));
  row.Set("signature_age_days", Unknown{});
  if (bundle) {
    const std::string rules = bundle->path + "/Contents/Resources/XProtect.yara";
    const int64_t now_s =
        std::chrono::duration_cast<std::chrono::seconds>(host.Time().wall).count();
    const auto stat = host.Stat(rules);
    if (stat && stat->modified_s <= now_s) {
      row.Set("signature_age_days", Cell((now_s - stat->modified_s) / kDay));
      row.Set("signature_source", Cell(rules));
    }
  }
  return row.Take();
}

}  // namespace

Result<Rows> EdrProductsMacos(const Host& host, const Keys&) {
  const auto extensions = ReadSystemExtensions(host);
  if (!extensions) return tl::unexpected(extensions.error());
  Rows rows;
  if (auto xprotect = XprotectRow(host)) rows.push_back(*std::move(xprotect));
  for (const MacosEdrProduct& product : EdrProductsOfMacos()) {
    const SystemExtension* found = nullptr;
    for (const SystemExtension& extension : *extensions) {
      if (std::ranges::find(product.extensions, extension.identifier) == product.extensions.end()) {
        continue;
      }
      // After an update the old one waits for a restart beside the new one.
      if (found == nullptr || extension.state == "activated_enabled") found = &extension;
    }
    if (found != nullptr) rows.push_back(RowOf(host, product, *found));
  }
  return rows;
}

}  // namespace sallyport
