import Foundation

/// A file of figures for the textfile collector of node_exporter.
struct MetricsFile {
  let path: String

  /// Replaces the file in one step; all may read it.
  /// - Throws: `CommandFailure` with the file and the reason.
  func write(_ text: String) throws {
    // The collector reads *.prom, so it never sees this one.
    let new = "\(path).\(ProcessInfo.processInfo.processIdentifier).new"
    do {
      try Data(text.utf8).write(to: URL(filePath: new))
      try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: new)
    } catch {
      try? FileManager.default.removeItem(atPath: new)
      throw failure(error.localizedDescription)
    }
    guard rename(new, path) == 0 else {
      let reason = String(cString: strerror(errno))
      try? FileManager.default.removeItem(atPath: new)
      throw failure(reason)
    }
  }

  private func failure(_ reason: String) -> CommandFailure {
    CommandFailure("\(path) cannot be written: \(reason)", .stageFailed)
  }
}
