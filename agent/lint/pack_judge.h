// SPDX-License-Identifier: Apache-2.0
// PackJudge: policies over the tables of one configuration, as findings with their places. The same
// engine and the same policies as at run time.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/lint/finding.h"
#include "base/result.h"
#include "base/table.h"
#include "policy/engine.h"

namespace sallyport {

class PackJudge {
 public:
  // As ParsePolicies and Engine::Compile; `yaml` is in Fleet's form. `schemas` must outlive it.
  static Result<PackJudge> Make(std::string_view yaml, std::string_view name,
                                std::span<const Schema> schemas);

  // Each row of a failing policy's `observe` is a finding: its column `source` ("file:line" or
  // "file:line:column") is the place, its first column names what it is about. A row with a cell
  // that could not be told is of kind unknown. A policy that is unknown and has no such row is one
  // finding of that kind. Policies that read other tables than these are not of files, and passed
  // over. `path` is the place of what has none of its own.
  std::vector<ConfigFinding> Judge(Os os, std::span<const TableResult> tables,
                                   const std::string& path);

  std::vector<ConfigRule> Rules() const;

 private:
  PackJudge(std::unique_ptr<Engine> engine, std::span<const Schema> schemas)
      : engine_(std::move(engine)), schemas_(schemas) {}

  std::unique_ptr<Engine> engine_;
  std::span<const Schema> schemas_;
};

}  // namespace sallyport
