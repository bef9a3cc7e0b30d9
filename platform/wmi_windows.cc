// SPDX-License-Identifier: Apache-2.0
#include "platform/wmi_windows.h"

// clang-format off
#include <windows.h>
#include <wbemidl.h>
// clang-format on

#include <cstdio>
#include <limits>
#include <memory>

#include "base/text.h"
#include "platform/handle_windows.h"

namespace sallyport {
namespace {

constexpr size_t kMaxObjects = 100'000;

struct ReleaseOf {
  template <typename T>
  void operator()(T* object) const {
    object->Release();
  }
};
template <typename T>
using Com = std::unique_ptr<T, ReleaseOf>;

struct FreeBstrOf {
  void operator()(wchar_t* text) const { SysFreeString(text); }
};
using Bstr = std::unique_ptr<wchar_t, FreeBstrOf>;

class Variant {
 public:
  Variant() { VariantInit(&value_); }
  ~Variant() { VariantClear(&value_); }
  Variant(const Variant&) = delete;
  Variant& operator=(const Variant&) = delete;
  VARIANT* get() { return &value_; }

 private:
  VARIANT value_;
};

class ComThread {
 public:
  ComThread() : ok_(SUCCEEDED(CoInitializeEx(nullptr, COINIT_MULTITHREADED))) {}
  ~ComThread() {
    if (ok_) CoUninitialize();
  }
  ComThread(const ComThread&) = delete;
  ComThread& operator=(const ComThread&) = delete;
  bool ok() const { return ok_; }

 private:
  bool ok_;
};

Code CodeOfCom(HRESULT status) {
  switch (static_cast<uint32_t>(status)) {
    case 0x8004100E:  // WBEM_E_INVALID_NAMESPACE
    case 0x80041010:  // WBEM_E_INVALID_CLASS
      return Code::kUnsupported;
    case 0x80041002:  // WBEM_E_NOT_FOUND
      return Code::kNotFound;
    case 0x80041003:  // WBEM_E_ACCESS_DENIED
    case 0x80070005:  // E_ACCESSDENIED
      return Code::kDenied;
    case 0x80041017:  // WBEM_E_INVALID_QUERY
      return Code::kInvalidArgument;
    case 0x80041006:  // WBEM_E_OUT_OF_MEMORY
    case 0x8007000E:  // E_OUTOFMEMORY
    case 0x8004106C:  // WBEM_E_QUOTA_VIOLATION
      return Code::kExhausted;
    case 0x80041015:  // WBEM_E_TRANSPORT_FAILURE
    case 0x80041033:  // WBEM_E_SHUTTING_DOWN
    case 0x80070422:  // the service is disabled
    case 0x800706BA:  // no RPC server
      return Code::kUnavailable;
    default:
      return Code::kInternal;
  }
}

tl::unexpected<Error> FailCom(HRESULT status, const std::string& thing) {
  char number[16];
  std::snprintf(number, sizeof number, "0x%08x", static_cast<unsigned>(status));
  return Fail(CodeOfCom(status), thing + ": COM error " + number);
}

Result<Bstr> MakeBstr(const std::string& text) {
  const auto wide = Wide(text);
  if (!wide) return tl::unexpected(wide.error());
  return Bstr(SysAllocString(wide->c_str()));
}

Result<Com<IWbemServices>> Connect(const std::string& name_space) {
  const std::string thing = "WMI " + name_space;
  const auto name = MakeBstr(name_space);
  if (!name) return tl::unexpected(name.error());
  void* raw = nullptr;
  HRESULT status =
      CoCreateInstance(CLSID_WbemLocator, nullptr, CLSCTX_INPROC_SERVER, IID_IWbemLocator, &raw);
  if (FAILED(status)) return FailCom(status, thing);
  const Com<IWbemLocator> locator(static_cast<IWbemLocator*>(raw));
  IWbemServices* services = nullptr;
  status = locator->ConnectServer(name->get(), nullptr, nullptr, nullptr,
                                  WBEM_FLAG_CONNECT_USE_MAX_WAIT, nullptr, nullptr, &services);
  if (FAILED(status)) return FailCom(status, thing);
  Com<IWbemServices> connected(services);
  status =
      CoSetProxyBlanket(services, RPC_C_AUTHN_WINNT, RPC_C_AUTHZ_NONE, nullptr,
                        RPC_C_AUTHN_LEVEL_CALL, RPC_C_IMP_LEVEL_IMPERSONATE, nullptr, EOAC_NONE);
  // E_NOINTERFACE: no proxy, WMI is in this process.
  if (FAILED(status) && status != E_NOINTERFACE) return FailCom(status, thing);
  return connected;
}

Result<Value> CellOf(const VARIANT& value, CIMTYPE type, const std::string& thing);

// A list as text with commas between, as SecurityServicesRunning of Win32_DeviceGuard is "1,2".
Result<Value> ListOf(const VARIANT& list, CIMTYPE type, const std::string& thing) {
  LONG first = 0;
  LONG last = -1;
  if (SafeArrayGetDim(list.parray) != 1 || FAILED(SafeArrayGetLBound(list.parray, 1, &first)) ||
      FAILED(SafeArrayGetUBound(list.parray, 1, &last))) {
    return Fail(Code::kMalformed, thing + ": no list of one dimension");
  }
  std::vector<std::string> items;
  for (LONG at = first; at <= last; ++at) {
    // The element's own type; what SafeArrayGetElement copies is freed with the variant.
    Variant element;
    element.get()->vt = static_cast<VARTYPE>(list.vt & VT_TYPEMASK);
    if (FAILED(SafeArrayGetElement(list.parray, &at, &element.get()->llVal))) {
      element.get()->vt = VT_EMPTY;
      return Fail(Code::kMalformed, thing + ": an element that cannot be read");
    }
    const auto cell = CellOf(*element.get(), type & ~CIM_FLAG_ARRAY, thing);
    if (!cell) return tl::unexpected(cell.error());
    items.push_back(ToText(*cell));
  }
  return Cell(Join(items, ","));
}

// WMI gives 64-bit numbers as text, since Automation has none (CIM_UINT64 in MSDN).
Result<Value> CellOf(const VARIANT& value, CIMTYPE type, const std::string& thing) {
  if ((value.vt & VT_ARRAY) != 0 && (value.vt & VT_BYREF) == 0) return ListOf(value, type, thing);
  switch (value.vt) {
    case VT_EMPTY:
    case VT_NULL:
      return Value(std::monostate{});
    case VT_BOOL:
      return Cell(value.boolVal != VARIANT_FALSE);
    case VT_UI1:
      return Cell(int64_t{value.bVal});
    case VT_I2:
      return Cell(int64_t{value.iVal});
    case VT_I4:
      // CIM_UINT32 comes as VT_I4 with its bits.
      return type == CIM_UINT32 ? Cell(int64_t{static_cast<uint32_t>(value.lVal)})
                                : Cell(int64_t{value.lVal});
    case VT_R4:
      return Cell(double{value.fltVal});
    case VT_R8:
      return Cell(value.dblVal);
    case VT_BSTR: {
      auto text = Narrow(std::wstring_view(value.bstrVal, SysStringLen(value.bstrVal)), thing);
      if (!text) return tl::unexpected(text.error());
      if (type != CIM_UINT64 && type != CIM_SINT64) return Cell(*std::move(text));
      const auto number = ParseInt(*text);
      if (!number) return Fail(Code::kMalformed, thing + ": no 64-bit number: " + Excerpt(*text));
      return Cell(*number);
    }
    default:
      return Fail(Code::kUnsupported,
                  thing + ": an object (variant type " + std::to_string(value.vt) + ")");
  }
}

Result<Row> RowOf(IWbemClassObject* object, const std::vector<std::string>& columns,
                  const std::string& thing) {
  Row row;
  for (const std::string& column : columns) {
    const auto name = Wide(column);
    if (!name) return tl::unexpected(name.error());
    Variant value;
    CIMTYPE type = CIM_EMPTY;
    const HRESULT status = object->Get(name->c_str(), 0, value.get(), &type, nullptr);
    if (FAILED(status)) return FailCom(status, thing + ": " + column);
    auto cell = CellOf(*value.get(), type, thing + ": " + column);
    if (!cell) return tl::unexpected(cell.error());
    row.push_back(*std::move(cell));
  }
  return row;
}

Result<Com<IEnumWbemClassObject>> Execute(IWbemServices* services, const std::string& wql,
                                          const std::string& thing) {
  const auto language = MakeBstr("WQL");
  const auto query = MakeBstr(wql);
  if (!query) return tl::unexpected(query.error());
  IEnumWbemClassObject* found = nullptr;
  const HRESULT status =
      services->ExecQuery(language->get(), query->get(),
                          WBEM_FLAG_FORWARD_ONLY | WBEM_FLAG_RETURN_IMMEDIATELY, nullptr, &found);
  if (FAILED(status)) return FailCom(status, thing);
  return Com<IEnumWbemClassObject>(found);
}

}  // namespace

Result<Rows> AskWmi(const std::string& name_space, const std::string& wql,
                    const std::vector<std::string>& columns) {
  const std::string thing = "WMI " + name_space + ": " + Excerpt(wql);
  const ComThread com;
  if (!com.ok()) return Fail(Code::kInternal, thing + ": COM does not start");
  const auto services = Connect(name_space);
  if (!services) return tl::unexpected(services.error());
  const auto found = Execute(services->get(), wql, thing);
  if (!found) return tl::unexpected(found.error());
  Rows rows;
  for (;;) {
    IWbemClassObject* raw = nullptr;
    ULONG count = 0;
    const HRESULT status = (*found)->Next(static_cast<LONG>(WBEM_INFINITE), 1, &raw, &count);
    if (FAILED(status)) return FailCom(status, thing);
    if (count == 0) return rows;
    const Com<IWbemClassObject> object(raw);
    if (rows.size() == kMaxObjects) return Fail(Code::kTooLarge, thing + ": too many objects");
    auto row = RowOf(raw, columns, thing);
    if (!row) return tl::unexpected(row.error());
    rows.push_back(*std::move(row));
  }
}

Result<Row> CallWmiMethod(const WmiCall& call) {
  const std::string thing =
      "WMI " + call.name_space + ": " + Excerpt(call.object) + "." + call.method;
  const ComThread com;
  if (!com.ok()) return Fail(Code::kInternal, thing + ": COM does not start");
  const auto services = Connect(call.name_space);
  if (!services) return tl::unexpected(services.error());
  const auto object = MakeBstr(call.object);
  if (!object) return tl::unexpected(object.error());
  const auto method = MakeBstr(call.method);
  if (!method) return tl::unexpected(method.error());
  IWbemClassObject* raw = nullptr;
  const HRESULT status =
      (*services)->ExecMethod(object->get(), method->get(), 0, nullptr, nullptr, &raw, nullptr);
  if (FAILED(status)) return FailCom(status, thing);
  const Com<IWbemClassObject> out(raw);
  if (!out) return Fail(Code::kMalformed, thing + ": gave nothing");
  return RowOf(out.get(), call.outputs, thing);
}

}  // namespace sallyport
