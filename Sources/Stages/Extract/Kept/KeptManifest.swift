import Foundation
import FrameFiles
import Frames

/// What is kept of an extract: written last, so that it never names what is not whole.
struct KeptManifest: Codable, Sendable {
  static let currentVersion = 1

  let version: Int
  /// What the rows are, for people who look into the folder.
  let about: String
  /// By watermark, each beginning where the one before ends.
  var ranges: [KeptRange]

  init(about: String, ranges: [KeptRange]) {
    version = Self.currentVersion
    self.about = about
    self.ranges = ranges
  }

  var rows: Int { ranges.reduce(0) { $0 + $1.rows } }
  /// Rows below it are kept; nil where none are.
  var settled: Int64? { ranges.last?.below }

  /// Reads the manifest of a folder; nil where there is none.
  /// - Throws: `FrameFileError`.
  static func read(_ path: String) throws(FrameFileError) -> KeptManifest? {
    let bytes: [UInt8]
    do throws(FrameFileError) {
      bytes = try DurableFile.read(path)
    } catch {
      if error.isMissing { return nil }
      throw error
    }
    guard let manifest = try? JSONDecoder().decode(KeptManifest.self, from: Data(bytes)),
      manifest.version == currentVersion, manifest.isSound
    else { throw FrameFileError(path, .altered("its text")) }
    return manifest
  }

  func write(_ path: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    try DurableFile.write(Array(try encoder.encode(self)), to: path)
  }

  /// Whether the ranges follow each other.
  private var isSound: Bool {
    var before: Int64?
    for (place, range) in ranges.enumerated() {
      guard range.rows >= 0, range.from == before, (place == 0) == (range.from == nil),
        range.from.map({ $0 < range.below }) ?? true, !range.file.contains("/")
      else { return false }
      before = range.below
    }
    return true
  }
}

/// The kept rows of a stretch of the watermark.
struct KeptRange: Codable, Sendable, Hashable {
  /// Name of the file in the folder.
  var file: String
  /// Nil for the first.
  var from: Int64?
  var below: Int64
  var rows: Int
  /// The greatest value of the column that is compared with the source.
  var greatest: Int64?
  /// When its rows were last seen to be those of the source, in microseconds since 2000.
  var proved: Int64
}
