import Foundation
import FrameFiles
import Frames
import PipelineFiles
import PostgresClient
import State
import Threads

/// Removes from this machine's folder what runs of today do not use: rows that extracts kept under definitions
/// which have changed since, and checkpoints of projects whose state was elsewhere.
struct FormerFolders: Sendable {
  /// For how long they stay at least: another pipeline of the folder may keep runs longer, and run seldom.
  static let least = Span.days(90)

  let state: StateFolder
  /// The folder of the checkpoints of today, whose own sweep looks after them.
  let checkpoints: String
  let connection: PostgresConnection

  /// - Parameter earliest: what was not touched since then goes. A run touches all that it uses.
  func remove(unusedSince earliest: Instant) async throws {
    // Only those that this state knows of: the folder may be shared with others.
    for folder in try await RunSession.folders(below: state.extracts, on: connection)
    where isOfExtract(folder) {
      let isGone = try await onOwnThread(named: "roost sweep") {
        try Self.remove(extract: folder, before: earliest)
      }
      if isGone { try await RunSession.forget(folder: folder, on: connection) }
    }
    let (root, today) = (state.checkpoints, checkpoints)
    try await onOwnThread(named: "roost sweep") {
      for project in Self.names(in: root) where "\(root)/\(project)" != today {
        try Self.remove(project: "\(root)/\(project)", before: earliest)
      }
    }
  }

  /// What is recorded is a path, and whoever may write in the state must not choose what is removed.
  private func isOfExtract(_ folder: String) -> Bool {
    let name = folder.dropFirst(state.extracts.count + 1)
    return folder.hasPrefix(state.extracts + "/") && !name.isEmpty && name.allSatisfy(\.isHexDigit)
  }

  /// - Returns: whether there is nothing any more.
  private static func remove(extract folder: String, before earliest: Instant) throws -> Bool {
    guard FileManager.default.fileExists(atPath: folder) else { return true }
    // Written by each run that uses the rows; without it the folder is of a run that was killed.
    let manifest = folder + "/manifest.json"
    guard let touched = touched(manifest) ?? touched(folder), touched < earliest,
      let lock = try FolderLock.take(folder)
    else { return false }
    try DurableFile.remove(manifest)
    try FileManager.default.removeItem(atPath: folder)
    _ = lock
    return true
  }

  /// Removes the folders of runs below that of a project, and those that are empty then.
  private static func remove(project: String, before earliest: Instant) throws {
    for pipeline in names(in: project).map({ "\(project)/\($0)" }) {
      for run in names(in: pipeline).map({ "\(pipeline)/\($0)" }) {
        let stages = names(in: run).map { "\(run)/\($0)" }
        guard let touched = ([run] + stages).compactMap(touched).max(), touched < earliest else {
          continue
        }
        try CheckpointFolder.clear(run)
      }
      rmdir(pipeline)
    }
    rmdir(project)
  }

  private static func names(in folder: String) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
  }

  private static func touched(_ path: String) -> Instant? {
    let attributes = try? FileManager.default.attributesOfItem(atPath: path)
    guard let date = attributes?[.modificationDate] as? Date else { return nil }
    return Instant(
      microseconds: Int64((date.timeIntervalSince1970 - Double(Instant.unixOffset)) * 1_000_000))
  }
}
