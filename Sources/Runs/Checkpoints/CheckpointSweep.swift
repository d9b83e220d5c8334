import Foundation
import FrameFiles
import Frames
import PipelineFiles
import PostgresClient

/// Removes checkpoints that nobody will resume from: of runs that are forgotten, or that ended more than
/// a week ago.
struct CheckpointSweep: Sendable {
  static let days = 7

  let root: String
  let connection: PostgresConnection

  /// - Parameter held: the folder of the run that holds its lock here, which stays.
  func sweep(except held: String) async throws {
    for folder in Self.folders(root) where folder.path != held {
      let rows = try await connection.query(
        """
        SELECT EXISTS (SELECT FROM roost.runs
          WHERE pipeline || CASE environment WHEN '' THEN '' ELSE '@' || environment END = $1
            AND as_of = $2 AND (state = 'running'
              OR finished_at > now() - make_interval(days => $3))) AS is_wanted
        """,
        [
          .text(folder.pipeline), .instant(Instant(microseconds: folder.asOf)),
          Parameter(Self.days),
        ])
      guard try rows.first?.bool("is_wanted") == false else { continue }
      try CheckpointFolder.clear(folder.path)
      try await RunSession.forget(folder: folder.path, on: connection)
    }
  }

  private static func folders(_ root: String) -> [(path: String, pipeline: String, asOf: Int64)] {
    let files = FileManager.default
    return ((try? files.contentsOfDirectory(atPath: root)) ?? []).sorted().flatMap { pipeline in
      ((try? files.contentsOfDirectory(atPath: "\(root)/\(pipeline)")) ?? []).sorted()
        .compactMap { asOf in
          Int64(asOf).map { ("\(root)/\(pipeline)/\(asOf)", pipeline, $0) }
        }
    }
  }
}
