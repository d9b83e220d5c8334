import Foundation
import FrameFiles
import PipelineFiles
import PostgresClient

/// What a checkpoint holds: written last, so that it never names what is not whole.
struct CheckpointManifest: Codable, Sendable {
  static let fileName = "manifest.json"
  private static let currentVersion = 2

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
    /// What speaks against publishing what was made from it; nil where nothing does.
    let objections: [String]?
  }

  /// A file of bytes that say nothing of themselves.
  struct Bytes: Codable, Sendable {
    let file: String
    /// SHA-256 of what is in it, in hexadecimal digits.
    let digest: String
  }

  private let version: Int
  let stage: String
  let identity: StageIdentity
  /// The attempt that made it.
  let maker: CheckpointMaker
  /// When it was made, for people.
  let made: String
  /// Files by the names that the stage's kind gave them.
  let frames: [String: String]
  let data: [String: Bytes]
  let published: [Published]
  /// Whether its frames are encrypted, because one of them holds personal data.
  let isEncrypted: Bool
  let said: Said

  init(
    stage: String, identity: StageIdentity, maker: CheckpointMaker, made: String,
    isEncrypted: Bool, frames: [String: String], data: [String: Bytes], published: [Published],
    said: Said
  ) {
    version = Self.currentVersion
    self.stage = stage
    self.identity = identity
    self.maker = maker
    self.made = made
    self.isEncrypted = isEncrypted
    self.frames = frames
    self.data = data
    self.published = published
    self.said = said
  }

  /// Names of all its files.
  var files: [String] { Array(frames.values) + data.values.map(\.file) + published.map(\.file) }

  private struct Version: Codable { let version: Int }

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
    // What another roost wrote in another form was made by another roost: it is as good as none.
    if let other = try? JSONDecoder().decode(Version.self, from: Data(bytes)),
      other.version != currentVersion
    {
      return nil
    }
    guard let manifest = try? JSONDecoder().decode(CheckpointManifest.self, from: Data(bytes)),
      manifest.files.allSatisfy({ !$0.contains("/") })
    else { throw FrameFileError(path, .altered("its text")) }
    return manifest
  }

  func write(in folder: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    try DurableFile.write(Array(try encoder.encode(self)), to: "\(folder)/\(Self.fileName)")
  }
}
