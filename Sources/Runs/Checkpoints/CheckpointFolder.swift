import Cryptography
import Foundation
import FrameFiles
import Frames
import PipelineFiles
import PostgresClient

/// The checkpoints of one pipeline for one as-of, a folder for each stage. Whoever holds the run's
/// lock may change it. Blocks the thread.
struct CheckpointFolder: Sendable {
  /// Of all checkpoints of this project on this machine.
  let root: String
  let path: String
  private let secret: Secret?

  init(_ state: StateFolder, pipeline: String, environment: String, asOf: Instant) {
    let project = StageIdentity.digest(["roost checkpoints", state.project]).prefix(16)
    root = "\(state.checkpoints)/\(project)"
    // No name has an @, so that no two pipelines and environments share a folder.
    let name = environment.isEmpty ? pipeline : "\(pipeline)@\(environment)"
    path = "\(root)/\(name)/\(asOf.microseconds)"
    secret = state.key
  }

  /// A checkpoint as it is to be written.
  struct Content: Sendable {
    let stage: String
    let identity: StageIdentity
    let kept: KeptOutput
    let published: [(name: QualifiedName, frame: Frame)]
    let said: CheckpointManifest.Said
  }

  func folder(of stage: String) -> String { "\(path)/\(stage)" }

  /// What is kept of the stages.
  /// - Returns: manifests by stage, and why those of others cannot be read.
  func manifests(
    of stages: [String]
  ) -> (found: [String: CheckpointManifest], damaged: [String: String]) {
    var found: [String: CheckpointManifest] = [:]
    var damaged: [String: String] = [:]
    for stage in stages {
      do throws(FrameFileError) {
        guard let manifest = try CheckpointManifest.read(in: folder(of: stage)) else { continue }
        found[stage] = manifest
      } catch {
        damaged[stage] = "\(error)"
      }
    }
    return (found, damaged)
  }

  /// Writes a checkpoint, in the place of an earlier one of the stage.
  /// - Throws: `FrameFileError`, `CheckpointTrouble`.
  func write(_ content: Content, by maker: CheckpointMaker, made: String) throws {
    let folder = folder(of: content.stage)
    try DurableFile.makeFolder(folder)
    // The old manifest goes first: it must never name files of the new one.
    try remove(content.stage)
    let key = try key(for: content)
    func write(_ frame: Frame, _ name: String) throws -> String {
      let file = try RandomBytes.make(8).hexadecimal + ".frame"
      try FrameFile.write(
        frame, to: "\(folder)/\(file)", key: key,
        notes: Self.notes(content.stage, content.identity, name), threads: 1)
      return file
    }
    var data: [String: CheckpointManifest.Bytes] = [:]
    for (name, bytes) in content.kept.data {
      let file = try RandomBytes.make(8).hexadecimal + ".data"
      try DurableFile.write(bytes, to: "\(folder)/\(file)")
      data[name] = .init(file: file, digest: try Digest.sha256(bytes).hexadecimal)
    }
    var frames: [String: String] = [:]
    for (name, frame) in content.kept.frames { frames[name] = try write(frame, name) }
    try CheckpointManifest(
      stage: content.stage, identity: content.identity, maker: maker, made: made,
      isEncrypted: key != nil, frames: frames, data: data,
      published: try content.published.map {
        .init(
          schema: $0.name.schema, table: $0.name.name,
          file: try write($0.frame, $0.name.description))
      },
      said: content.said
    ).write(in: folder)
  }

  /// What a file says of itself, under its seal: a whole and valid file of another stage is none of this
  /// one.
  private static func notes(
    _ stage: String, _ identity: StageIdentity, _ name: String
  ) -> [String: String] {
    ["stage": stage, "identity": identity.digest, "part": name]
  }

  /// What a checkpoint holds.
  /// - Throws: `FrameFileError`, `CheckpointTrouble`.
  func read(
    _ manifest: CheckpointManifest, threads: Int
  ) throws -> (kept: KeptOutput, published: [QualifiedName: Frame]) {
    let folder = folder(of: manifest.stage)
    let key = manifest.isEncrypted ? try self.key() : nil
    func frame(_ file: String, _ name: String) throws -> Frame {
      let file = try FrameFile("\(folder)/\(file)", key: key)
      guard file.notes == Self.notes(manifest.stage, manifest.identity, name) else {
        throw CheckpointTrouble.ofAnother(file.path, file.notes["stage"])
      }
      return try file.read(threads: threads)
    }
    var published: [QualifiedName: Frame] = [:]
    for table in manifest.published {
      published[table.name] = try frame(table.file, table.name.description)
    }
    var kept = KeptOutput()
    for (name, file) in manifest.frames { kept.frames[name] = try frame(file, name) }
    for (name, bytes) in manifest.data {
      let path = "\(folder)/\(bytes.file)"
      let found = try DurableFile.read(path)
      guard try Digest.sha256(found).hexadecimal == bytes.digest else {
        throw CheckpointTrouble.ofAnother(path, nil)
      }
      kept.data[name] = found
    }
    return (kept, published)
  }

  /// Removes what is kept of a stage.
  func remove(_ stage: String) throws {
    let folder = folder(of: stage)
    try DurableFile.remove("\(folder)/\(CheckpointManifest.fileName)")
    for file in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] {
      try DurableFile.remove("\(folder)/\(file)")
    }
  }

  /// Removes everything that is kept for the as-of. The manifests go first.
  func clear() throws { try Self.clear(path) }

  static func clear(_ path: String) throws {
    let files = FileManager.default
    guard files.fileExists(atPath: path) else { return }
    for stage in (try? files.contentsOfDirectory(atPath: path)) ?? [] {
      try DurableFile.remove("\(path)/\(stage)/\(CheckpointManifest.fileName)")
    }
    try files.removeItem(atPath: path)
  }

  private func key(for content: Content) throws -> FrameKey? {
    let frames = Array(content.kept.frames.values) + content.published.map(\.frame)
    let isPersonal = frames.contains { $0.schema.fields.contains(where: \.isPersonal) }
    return isPersonal ? try self.key() : nil
  }

  private func key() throws(CheckpointTrouble) -> FrameKey {
    guard let secret else { throw .noKey }
    guard let key = FrameKey(parsing: secret.revealed) else { throw .unreadableKey }
    return key
  }
}

/// Why a stage leaves no checkpoint, or one cannot be used.
enum CheckpointTrouble: Error, CustomStringConvertible {
  case noKey, unreadableKey
  /// A file is not the one that was written for the stage; whose it is, where that is known.
  case ofAnother(String, String?)

  var description: String {
    switch self {
    case .noKey: "its rows hold personal data and \(StateFolder.keyVariable) is not set"
    case .unreadableKey:
      "its rows hold personal data and \(StateFolder.keyVariable) is no key of 32 bytes"
    case .ofAnother(let path, let stage):
      "\(path) is not the file that was written for it"
        + (stage.map { ", but one of stage \($0)" } ?? "")
    }
  }
}
