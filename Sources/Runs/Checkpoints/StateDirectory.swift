import PipelineFiles

/// Where on this machine runs keep what later runs use.
public enum StateDirectory {
  /// The environment variable that names the folder.
  public static let variable = "ROOST_STATE_DIR"

  /// The folder: the one that is asked for, or that of `ROOST_STATE_DIR`, or `roost` in the user's
  /// folder for such things (XDG Base Directory Specification).
  /// - Returns: an absolute path, as far as there is a working directory; nil where the environment
  ///   names no folder at all.
  public static func path(_ asked: String?, environment: [String: String]) -> String? {
    func value(_ name: String) -> String? {
      environment[name].flatMap { $0.isEmpty ? nil : $0 }
    }
    let path =
      asked ?? value(variable) ?? value("XDG_STATE_HOME").map { $0 + "/roost" }
      ?? value("HOME").map { $0 + "/.local/state/roost" }
    return path.map { Paths.absolute($0) ?? $0 }
  }
}
