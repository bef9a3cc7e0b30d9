// SPDX-License-Identifier: Apache-2.0
#include "platform/dbus_linux.h"

#include <QDBusArgument>
#include <QDBusConnection>
#include <QDBusMessage>
#include <QDBusObjectPath>
#include <QDBusVariant>
#include <QVariant>
#include <algorithm>
#include <limits>

namespace sallyport {
namespace {

// QDBusConnection::systemBus() would keep a failed connection for ever; this one is tried again.
QDBusConnection SystemBus() {
  const QString name = QStringLiteral("sallyport-properties");
  const QDBusConnection bus(name);
  if (bus.isConnected()) return bus;
  QDBusConnection::disconnectFromBus(name);
  return QDBusConnection::connectToBus(QDBusConnection::SystemBus, name);
}

Code CodeOfDbusError(const QDBusError& error) {
  // What the bus says instead of ServiceUnknown when it was told to start nothing.
  if (error.name() == QStringLiteral("org.freedesktop.DBus.Error.NameHasNoOwner")) {
    return Code::kNotFound;
  }
  switch (error.type()) {
    case QDBusError::ServiceUnknown:
    case QDBusError::UnknownObject:
    case QDBusError::UnknownInterface:
    case QDBusError::UnknownProperty:
    case QDBusError::UnknownMethod:
      return Code::kNotFound;
    case QDBusError::AccessDenied:
      return Code::kDenied;
    case QDBusError::NoReply:
    case QDBusError::Timeout:
    case QDBusError::TimedOut:
      return Code::kTimeout;
    case QDBusError::Disconnected:
    case QDBusError::NoServer:
    case QDBusError::NoNetwork:
      return Code::kUnavailable;
    case QDBusError::InvalidArgs:
    case QDBusError::InvalidService:
    case QDBusError::InvalidObjectPath:
    case QDBusError::InvalidInterface:
    case QDBusError::InvalidMember:
      return Code::kInvalidArgument;
    default:
      return Code::kInternal;
  }
}

Result<Value> CellOf(const QVariant& variant, const std::string& what) {
  switch (variant.typeId()) {
    case QMetaType::Bool:
      return Cell(variant.toBool());
    case QMetaType::UChar:
    case QMetaType::Short:
    case QMetaType::UShort:
    case QMetaType::Int:
    case QMetaType::UInt:
    case QMetaType::LongLong:
      return Cell(static_cast<int64_t>(variant.toLongLong()));
    case QMetaType::ULongLong:
      if (variant.toULongLong() > static_cast<quint64>(std::numeric_limits<int64_t>::max())) {
        return Fail(Code::kTooLarge, what + ": does not fit a signed 64-bit number");
      }
      return Cell(static_cast<int64_t>(variant.toULongLong()));
    case QMetaType::Double:
      return Cell(variant.toDouble());
    case QMetaType::QString:
      return Cell(variant.toString().toStdString());
    default:
      break;
  }
  if (variant.metaType() == QMetaType::fromType<QDBusObjectPath>()) {
    return Cell(variant.value<QDBusObjectPath>().path().toStdString());
  }
  return Fail(Code::kUnsupported, what + ": of type " + std::string(variant.typeName()));
}

constexpr const char* kSystemd = "org.freedesktop.systemd1";
constexpr const char* kUnitSignature = "a(ssssssouso)";

SystemdUnit ReadUnit(const QDBusArgument& argument) {
  QString texts[6];
  QDBusObjectPath path;
  quint32 job = 0;
  QString job_type;
  QDBusObjectPath job_path;
  argument.beginStructure();
  for (QString& text : texts) argument >> text;
  argument >> path >> job >> job_type >> job_path;
  argument.endStructure();
  return {.id = texts[0].toStdString(),
          .description = texts[1].toStdString(),
          .load_state = texts[2].toStdString(),
          .active_state = texts[3].toStdString(),
          .sub_state = texts[4].toStdString(),
          .following = texts[5].toStdString(),
          .object_path = path.path().toStdString(),
          .job_id = job,
          .job_type = job_type.toStdString(),
          .job_path = job_path.path().toStdString()};
}

}  // namespace

Result<std::vector<SystemdUnit>> ListSystemdUnits(std::chrono::milliseconds timeout) {
  const std::string what = "D-Bus org.freedesktop.systemd1 ListUnits";
  const QDBusConnection bus = SystemBus();
  if (!bus.isConnected()) return Fail(Code::kUnavailable, what + ": no system bus");
  QDBusMessage call = QDBusMessage::createMethodCall(
      QString::fromLatin1(kSystemd), QStringLiteral("/org/freedesktop/systemd1"),
      QStringLiteral("org.freedesktop.systemd1.Manager"), QStringLiteral("ListUnits"));
  call.setAutoStartService(false);
  const QDBusMessage reply = bus.call(call, QDBus::Block, static_cast<int>(timeout.count()));
  if (reply.type() == QDBusMessage::ErrorMessage) {
    return Fail(CodeOfDbusError(QDBusError(reply)),
                what + ": " + reply.errorMessage().toStdString());
  }
  if (reply.type() != QDBusMessage::ReplyMessage || reply.signature() != kUnitSignature) {
    return Fail(Code::kMalformed, what + ": no list of units in the answer");
  }
  const auto argument = reply.arguments().at(0).value<QDBusArgument>();
  std::vector<SystemdUnit> units;
  argument.beginArray();
  while (!argument.atEnd()) units.push_back(ReadUnit(argument));
  argument.endArray();
  std::ranges::sort(units, {}, &SystemdUnit::id);
  return units;
}

Result<Value> ReadSystemBusProperty(const DbusProperty& property,
                                    std::chrono::milliseconds timeout) {
  const std::string what = "D-Bus " + property.service + " " + property.path + " " +
                           property.interface + "." + property.property;
  const QDBusConnection bus = SystemBus();
  if (!bus.isConnected()) return Fail(Code::kUnavailable, what + ": no system bus");
  QDBusMessage call = QDBusMessage::createMethodCall(
      QString::fromStdString(property.service), QString::fromStdString(property.path),
      QStringLiteral("org.freedesktop.DBus.Properties"), QStringLiteral("Get"));
  call.setArguments(
      {QString::fromStdString(property.interface), QString::fromStdString(property.property)});
  call.setAutoStartService(false);
  const QDBusMessage reply = bus.call(call, QDBus::Block, static_cast<int>(timeout.count()));
  if (reply.type() == QDBusMessage::ErrorMessage) {
    return Fail(CodeOfDbusError(QDBusError(reply)),
                what + ": " + reply.errorMessage().toStdString());
  }
  if (reply.type() != QDBusMessage::ReplyMessage || reply.arguments().size() != 1) {
    return Fail(Code::kMalformed, what + ": no property in the answer");
  }
  return CellOf(reply.arguments().at(0).value<QDBusVariant>().variant(), what);
}

}  // namespace sallyport
