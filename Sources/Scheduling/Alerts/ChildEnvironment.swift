import Foundation

/// The environment of programs that are started.
enum ChildEnvironment {
  /// Variables that programs want and that hold nothing secret.
  private static let names = ["PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "TZ", "TMPDIR"]

  /// Those of roost's own environment.
  static var common: [String: String] {
    ProcessInfo.processInfo.environment.filter { names.contains($0.key) || $0.key.hasPrefix("LC_") }
  }
}
