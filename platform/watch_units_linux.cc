// SPDX-License-Identifier: Apache-2.0
#include "platform/watch_units_linux.h"

#include <QDBusConnection>

#include "base/hex.h"

namespace sallyport {
namespace {

const char* const kSystemd = "org.freedesktop.systemd1";
const char* const kConnection = "sallyport-units";

bool IsPlain(char c, bool first) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (!first && c >= '0' && c <= '9');
}

}  // namespace

std::string UnitObjectPath(const std::string& unit) {
  std::string path = "/org/freedesktop/systemd1/unit/";
  for (size_t i = 0; i < unit.size(); ++i) {
    if (IsPlain(unit[i], i == 0)) {
      path.push_back(unit[i]);
    } else {
      path += "_" + ToHex(std::string_view(unit).substr(i, 1));
    }
  }
  return path;
}

UnitWatch::~UnitWatch() {
  if (connected_) QDBusConnection::disconnectFromBus(kConnection);
}

// systemd sends unit signals only while somebody has subscribed.
bool UnitWatch::Connect() {
  if (connected_ && QDBusConnection(kConnection).isConnected()) return true;
  if (connected_) QDBusConnection::disconnectFromBus(kConnection);
  followed_.clear();
  QDBusConnection bus = QDBusConnection::connectToBus(QDBusConnection::SystemBus, kConnection);
  connected_ = bus.isConnected();
  if (!connected_) {
    QDBusConnection::disconnectFromBus(kConnection);
    return false;
  }
  QDBusMessage subscribe = QDBusMessage::createMethodCall(
      kSystemd, "/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager", "Subscribe");
  subscribe.setAutoStartService(false);
  bus.send(subscribe);
  return true;
}

void UnitWatch::Follow(const std::string& unit, bool follow) {
  QDBusConnection bus(kConnection);
  const QString path = QString::fromStdString(UnitObjectPath(unit));
  const char* const slot = SLOT(OnPropertiesChanged(QDBusMessage));
  const QString interface = "org.freedesktop.DBus.Properties";
  if (follow) {
    bus.connect(kSystemd, path, interface, "PropertiesChanged", this, slot);
  } else {
    bus.disconnect(kSystemd, path, interface, "PropertiesChanged", this, slot);
  }
}

void UnitWatch::Watch(const std::set<std::string>& units) {
  if (units.empty() && !connected_) return;
  if (!Connect()) return;
  for (const std::string& unit : followed_) {
    if (!units.contains(unit)) Follow(unit, false);
  }
  for (const std::string& unit : units) {
    if (!followed_.contains(unit)) Follow(unit, true);
  }
  followed_ = units;
}

void UnitWatch::OnPropertiesChanged(const QDBusMessage& message) {
  const std::string path = message.path().toStdString();
  for (const std::string& unit : followed_) {
    if (UnitObjectPath(unit) == path) {
      const std::string heard = unit;  // the callee may replace the set
      on_change_(heard, "unit " + heard + ": changed");
      return;
    }
  }
}

}  // namespace sallyport
