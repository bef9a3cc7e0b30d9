// SPDX-License-Identifier: Apache-2.0
// UnitWatch: hears of systemd units that change, over the system bus
// (org.freedesktop.systemd1(5), PropertiesChanged).
#pragma once

#include <QDBusMessage>
#include <QObject>
#include <functional>
#include <set>
#include <string>

namespace sallyport {

// The bus's name for a unit: /org/freedesktop/systemd1/unit/auditd_2eservice. Every byte that is
// no letter or digit, and a digit in front, is _ and two hexadecimal digits.
std::string UnitObjectPath(const std::string& unit);

class UnitWatch : public QObject {
  Q_OBJECT

 public:
  using OnChange = std::function<void(const std::string& unit, const std::string& about)>;

  explicit UnitWatch(OnChange on_change) : on_change_(std::move(on_change)) {}
  ~UnitWatch() override;

  // Replaces the set. Where there is no bus nothing is heard; the next call looks for it again.
  void Watch(const std::set<std::string>& units);

 private slots:
  void OnPropertiesChanged(const QDBusMessage& message);

 private:
  bool Connect();
  void Follow(const std::string& unit, bool follow);

  OnChange on_change_;
  bool connected_ = false;  // and subscribed to what followed_ says
  std::set<std::string> followed_;
};

}  // namespace sallyport
