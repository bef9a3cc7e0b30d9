// SPDX-License-Identifier: Apache-2.0
// org.freedesktop.systemd1(5)
#include "collectors/osquery/linux_tables.h"
#include "collectors/osquery/table_rows.h"
#include "collectors/osquery/unit_property.h"

namespace sallyport {

Value UnitProperty(const Host& host, const SystemdUnit& unit, const std::string& interface,
                   const std::string& property) {
  const auto value = host.ReadDbusProperty({"org.freedesktop.systemd1", unit.object_path,
                                            "org.freedesktop.systemd1." + interface, property});
  if (value) return *value;
  // A kind of unit that has no such property, or a unit that was unloaded meanwhile.
  return value.error().code == Code::kNotFound ? Cell(std::nullopt) : Cell(Unknown{});
}

Result<Rows> SystemdUnitsLinux(const Host& host, const Keys& keys) {
  const Result<std::vector<SystemdUnit>> units = host.SystemdUnits();
  if (!units) return tl::unexpected(units.error());
  TableRows rows(kSystemdUnits);
  for (const SystemdUnit& unit : *units) {
    const bool service = unit.id.ends_with(".service");
    rows.Add({{"id", Cell(unit.id)},
              {"description", Cell(unit.description)},
              {"load_state", Cell(unit.load_state)},
              {"active_state", Cell(unit.active_state)},
              {"sub_state", Cell(unit.sub_state)},
              {"unit_file_state", UnitProperty(host, unit, "Unit", "UnitFileState")},
              {"following", Cell(unit.following)},
              {"object_path", Cell(unit.object_path)},
              {"job_id", Cell(unit.job_id)},
              {"job_type", Cell(unit.job_type)},
              {"job_path", Cell(unit.job_path)},
              {"fragment_path", UnitProperty(host, unit, "Unit", "FragmentPath")},
              {"user", service ? UnitProperty(host, unit, "Service", "User") : Cell("")},
              {"source_path", UnitProperty(host, unit, "Unit", "SourcePath")}});
  }
  return rows.Take(keys);
}

}  // namespace sallyport
