import Foundation
import FrameFiles
import PipelineFiles
import PostgresClient

/// What a checkpoint holds: written last, so that it never names what is not whole.
struct CheckpointManifest: Codable, Sendable {
  static let fileName = "manifest.json"
  private static let currentVersion = 1

  struct Published: Codable, Sendable {
    let schema: String?
    let table: String
    let file: String

    var name: QualifiedName { QualifiedName(schema: schema, name: table) }
  }

  /// What the stage said when it had finished.
  struct Said: Codable, Sendable {
    let rows: Int
    let notes: [String]
    let warnings: [String]
    let details: JSONValue
  }

  private let version: Int
  let stage: String
  let identity: StageIdentity
  let run: Int
  let attempt: Int
  /// When it was made, for people.
  let made: String
  /// Files by the names that the stage's kind gave them.
  let frames: [String: String]
  let data: [String: String]
  let published: [Published]
  /// Whether its frames are encrypted, because one of them holds personal data.
  let isEncrypted: Bool
  let said: Said

  init(
    stage: String, identity: StageIdentity, run: Int, attempt: Int, made: String, isEncrypted: Bool,
    frames: [String: String], data: [String: String], published: [Published], said: Said
  ) {
    version = Self.currentVersion
    self.stage = stage
    self.identity = identity
    self.run = run
    self.attempt = attempt
    self.made = made
    self.isEncrypted = isEncrypted
    self.frames = frames
    self.data = data
    self.published = published
    self.said = said
  }

  /// Names of all its files.
  var files: [String] { Array(frames.values) + Array(data.values) + published.map(\.file) }

  /// Reads the manifest of a folder; nil where there is none.
  /// - Throws: `FrameFileError`.
  static func read(in folder: String) throws(FrameFileError) -> CheckpointManifest? {
    let path = "\(folder)/\(fileName)"
    let bytes: [UInt8]
    do throws(FrameFileError) {
      bytes = try DurableFile.read(path)
    } catch {
      if error.isMissing { return nil }
      throw error
    }
    guard let manifest = try? JSONDecoder().decode(CheckpointManifest.self, from: Data(bytes)),
      manifest.version == currentVersion, manifest.files.allSatisfy({ !$0.contains("/") })
    else { throw FrameFileError(path, .altered("its text")) }
    return manifest
  }

  func write(in folder: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    try DurableFile.write(Array(try encoder.encode(self)), to: "\(folder)/\(Self.fileName)")
  }
}
