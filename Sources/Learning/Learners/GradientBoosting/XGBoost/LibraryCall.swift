import CXGBoost
import Foundation

/// Throws what XGBoost says about a call that failed.
func check(_ status: Int32, _ function: String) throws {
  guard status != 0 else { return }
  throw LearningError.library(.xgboost, function: function, reason: lastErrorReason())
}

extension LearningLibrary {
  static let xgboost = Self(name: "XGBoost", package: "libxgboost (1.7 is expected)")
}

/// The first line of XGBoost's last error on this thread, without its time and source position;
/// the stack trace below it helps nobody.
private func lastErrorReason() -> String {
  guard let text = XGBGetLastError() else { return "no reason given" }
  let line = String(cString: text).split(separator: "\n").first.map(String.init) ?? ""
  guard line.hasPrefix("["),
    let colon = line.range(of: #"\.(cc|h|cu):\d+: "#, options: .regularExpression)
  else { return line.isEmpty ? "no reason given" : line }
  return String(line[colon.upperBound...])
}

/// Runs XGBoost calls on a thread of their own. Handles are made, used and freed inside `work`, so
/// that none is ever shared between threads; results that XGBoost keeps per thread are copied there.
/// - Throws: what `work` throws; `CancellationError` where `work` checks the flag.
func withXGBoost<Value: Sendable>(
  named name: String, _ work: @escaping @Sendable (CancellationFlag) throws -> Value
) async throws -> Value {
  try await onLearningThread(named: name) { cancellation in
    // XGBoost's global configuration is per thread; at 0 it writes nothing to stdout or stderr.
    try check(XGBSetGlobalConfig(#"{"verbosity": 0}"#), "XGBSetGlobalConfig")
    try cancellation.check()
    return try work(cancellation)
  }
}
