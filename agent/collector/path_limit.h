// SPDX-License-Identifier: Apache-2.0
// PathLimit: what may never be read on this machine, whatever a manifest asks for.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/table.h"

namespace sallyport {

// A pattern covers the path that it names and everything below. In a component, * stands for any
// characters; ** as a component stands for any number of components.
//   /etc/ssl/private    /home/*/.mozilla    /**/swanctl/private    /etc/ssh/ssh_host_*_key
// On Windows and macOS the case of ASCII letters means nothing, and any other character of a
// pattern stands for any one character: its case is the file system's own. On Windows \ parts
// components like /, and registry keys are covered like paths.
//   C:\Data\keys    /**/Microsoft/Protect    /HKEY_LOCAL_MACHINE/SAM
class PathLimit {
 public:
  // Private keys, password hashes and VPN secrets, key rings, browser stores, memory of processes.
  static PathLimit Default(Os os);

  // The default and one more pattern per line; blank lines and lines that begin with # mean
  // nothing. A pattern that is not absolute is kMalformed and names its line: a limit that cannot
  // be understood must not be a weaker one.
  static Result<PathLimit> Parse(Os os, std::string_view text);

  // The default, and what the file adds to it; empty: nothing.
  static Result<PathLimit> Load(Os os, const std::string& file);

  // The same without the default's patterns of files that VPN clients keep settings and secrets in
  // together. Files of private keys alone, and what a limit's file adds, stay refused.
  PathLimit ForVpnReaders() const;

  // kDenied, naming the path and the pattern. `path` is absolute; "." and ".." in it are resolved
  // by name.
  Status Check(std::string_view path) const;

 private:
  using Parts = std::vector<std::string>;

  struct Pattern {
    Parts parts;
    bool mixed = false;  // of the default: settings and secrets together
  };

  explicit PathLimit(Os os) : os_(os) {}
  void Add(std::string_view pattern, bool mixed = false);
  Parts PartsOf(std::string_view path) const;

  Os os_;
  std::vector<Pattern> patterns_;
};

}  // namespace sallyport
