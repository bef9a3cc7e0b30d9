// SPDX-License-Identifier: Apache-2.0
// The bus side of dbus_linux_test: owns org.freedesktop.systemd1 with one unit, and lists two. Its
// ActiveState is what the last line of stdin says. A property "Hangs" is never answered.
#include <QCoreApplication>
#include <QDBusArgument>
#include <QDBusConnection>
#include <QDBusMessage>
#include <QDBusMetaType>
#include <QDBusObjectPath>
#include <QDBusVariant>
#include <QDBusVirtualObject>
#include <QSocketNotifier>
#include <QVariantMap>
#include <cstdio>
#include <iostream>
#include <limits>
#include <string>

namespace {

const char* const kUnit = "org.freedesktop.systemd1.Unit";
const char* const kProperties = "org.freedesktop.DBus.Properties";
const char* const kManager = "/org/freedesktop/systemd1";
const char* const kPath = "/org/freedesktop/systemd1/unit/auditd_2eservice";

// Of a unit, ListUnits tells (ssssssouso).
struct Listed {
  const char* id;
  const char* description;
  const char* active;
  const char* sub;
  quint32 job;
};

QDBusArgument& operator<<(QDBusArgument& out, const Listed& unit) {
  out.beginStructure();
  out << QString(unit.id) << QString(unit.description) << QString("loaded") << QString(unit.active)
      << QString(unit.sub) << QString() << QDBusObjectPath(kPath) << unit.job
      << QString(unit.job ? "start" : "") << QDBusObjectPath("/");
  out.endStructure();
  return out;
}
const QDBusArgument& operator>>(const QDBusArgument& in, Listed&) { return in; }

// Not sorted by name: systemd's own order is that of a hash table.
QVariant ListedUnits() {
  return QVariant::fromValue(
      QList<Listed>{{"ssh.service", "OpenBSD Secure Shell server", "activating", "start", 7},
                    {"auditd.service", "Security Auditing Service", "active", "running", 0}});
}

class Unit : public QDBusVirtualObject {
 public:
  Unit() {
    values_ = {{"ActiveState", "active"},
               {"MainPID", 412u},
               {"CanStart", true},
               {"Infinity", std::numeric_limits<quint64>::max()},
               {"Names", QStringList{"auditd.service"}}};
  }

  bool handleMessage(const QDBusMessage& message, const QDBusConnection& bus) override {
    if (message.member() == "ListUnits") return bus.send(message.createReply(ListedUnits()));
    if (message.interface() != kProperties || message.member() != "Get") return false;
    const QString property = message.arguments().value(1).toString();
    if (property == "Hangs") return true;
    if (values_.contains(property)) {
      const QVariant value = QVariant::fromValue(QDBusVariant(values_.value(property)));
      return bus.send(message.createReply(value));
    }
    return bus.send(message.createErrorReply("org.freedesktop.DBus.Error.UnknownProperty", "none"));
  }
  QString introspect(const QString&) const override { return {}; }

  void Change(const QString& state) {
    values_["ActiveState"] = state;
    QDBusMessage changed = QDBusMessage::createSignal(kPath, kProperties, "PropertiesChanged");
    changed.setArguments({kUnit, QVariantMap{{"ActiveState", state}}, QStringList()});
    QDBusConnection::systemBus().send(changed);
  }

 private:
  QVariantMap values_;
};

}  // namespace

int main(int argc, char** argv) {
  QCoreApplication app(argc, argv);
  qDBusRegisterMetaType<Listed>();
  qDBusRegisterMetaType<QList<Listed>>();
  Unit unit;
  QDBusConnection bus = QDBusConnection::systemBus();
  if (!bus.registerVirtualObject(kManager, &unit, QDBusConnection::SubPath) ||
      !bus.registerService("org.freedesktop.systemd1")) {
    return 1;
  }
  QSocketNotifier input(fileno(stdin), QSocketNotifier::Read);
  QObject::connect(&input, &QSocketNotifier::activated, [&] {
    std::string line;
    if (!std::getline(std::cin, line)) return QCoreApplication::quit();
    unit.Change(QString::fromStdString(line));
  });
  std::cout << "ready" << std::endl;
  return QCoreApplication::exec();
}
