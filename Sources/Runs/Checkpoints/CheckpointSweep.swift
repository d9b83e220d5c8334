import Foundation
import FrameFiles
import Frames
import PipelineFiles
import PostgresClient
import State

/// Removes checkpoints that nobody will resume from: of runs that are forgotten, or that ended more than
/// a week ago.
struct CheckpointSweep: Sendable {
  static let days = 7

  let root: String
  let connection: PostgresConnection

  /// - Parameter held: the folder of the run that holds its lock here, which stays.
  func sweep(except held: String) async throws {
    for folder in try await folders() where folder.path != held {
      // What is recorded and not there, a run that is killed between the two leaves.
      let isThere = FileManager.default.fileExists(atPath: folder.path)
      let rows = try await connection.query(
        """
        SELECT EXISTS (SELECT FROM roost.runs
          WHERE pipeline || CASE environment WHEN '' THEN '' ELSE '@' || environment END = $1
            AND as_of = $2 AND (state = 'running'
              OR $4 AND finished_at > now() - make_interval(days => $3))) AS is_wanted
        """,
        [
          .text(folder.pipeline), .instant(Instant(microseconds: folder.asOf)),
          Parameter(Self.days), .bool(isThere),
        ])
      guard try rows.first?.bool("is_wanted") == false else { continue }
      try CheckpointFolder.clear(folder.path)
      try await RunSession.forget(folder: folder.path, on: connection)
    }
  }

  private struct Folder: Hashable {
    let path: String
    let pipeline: String
    let asOf: Int64

    /// Nil where it is none of a run.
    init?(_ path: String, in root: String) {
      let names = path.dropFirst(root.count + 1).split(separator: "/")
      guard path.hasPrefix(root + "/"), names.count == 2, let asOf = Int64(names[1]) else {
        return nil
      }
      self.path = path
      pipeline = String(names[0])
      self.asOf = asOf
    }
  }

  /// The folders of runs that are on the disk, and those that are recorded of this machine.
  private func folders() async throws -> [Folder] {
    let files = FileManager.default
    let found = ((try? files.contentsOfDirectory(atPath: root)) ?? []).flatMap { pipeline in
      ((try? files.contentsOfDirectory(atPath: "\(root)/\(pipeline)")) ?? [])
        .map { "\(root)/\(pipeline)/\($0)" }
    }
    let recorded = try await RunSession.folders(below: root, on: connection)
    return Set(found + recorded).sorted().compactMap { Folder($0, in: root) }
  }
}
