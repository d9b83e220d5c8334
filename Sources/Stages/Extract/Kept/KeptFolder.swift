import Cryptography
import Foundation
import FrameFiles
import Frames
import Threads

/// The folder with the kept rows of an extract, while one run holds it. Blocks the thread.
final class KeptFolder: Sendable {
  let path: String
  private let key: FrameKey?
  private let lock: FolderLock

  static func manifest(in folder: String) -> String { folder + "/manifest.json" }

  /// Makes the folder if need be and takes hold of it.
  /// - Returns: nil where another run holds it.
  /// - Throws: `FrameFileError`.
  static func take(_ path: String, key: FrameKey?) throws -> KeptFolder? {
    try DurableFile.makeFolder(path)
    return try FolderLock.take(path).map { KeptFolder(path, key, $0) }
  }

  private init(_ path: String, _ key: FrameKey?, _ lock: FolderLock) {
    self.path = path
    self.key = key
    self.lock = lock
  }

  /// What is kept; nil for nothing.
  /// - Throws: `FrameFileError`.
  func manifest() throws(FrameFileError) -> KeptManifest? {
    try KeptManifest.read(Self.manifest(in: path))
  }

  /// Opens the file of a range, which must have its rows.
  /// - Throws: `FrameFileError`.
  func open(_ range: KeptRange) throws(FrameFileError) -> FrameFile {
    let file = try FrameFile("\(path)/\(range.file)", key: key)
    guard file.rowCount == range.rows else {
      throw FrameFileError(file.path, .altered("its number of rows"))
    }
    return file
  }

  /// Writes rows to a new file.
  /// - Returns: its name.
  func write(_ frame: Frame, threads: Int = 1) throws -> String {
    let name = try RandomBytes.make(8).hexadecimal + ".frame"
    try FrameFile.write(frame, to: "\(path)/\(name)", key: key, threads: threads)
    return name
  }

  /// Makes what a manifest names the rows that are kept, and removes all other files.
  func commit(_ manifest: KeptManifest) throws {
    try manifest.write(Self.manifest(in: path))
    try sweep(keeping: manifest)
  }

  /// Removes files that no manifest names, as a run leaves them that is killed.
  func sweep(keeping manifest: KeptManifest?) throws {
    let named = Set((manifest?.ranges ?? []).map(\.file) + ["manifest.json", "lock"])
    let names: [String]
    do {
      names = try FileManager.default.contentsOfDirectory(atPath: path)
    } catch {
      throw FrameFileError(path, .system(operation: "list the folder", code: EIO))
    }
    let endings = [".frame", DurableFile.temporarySuffix]
    for name in names where !named.contains(name) && endings.contains(where: name.hasSuffix) {
      try DurableFile.remove("\(path)/\(name)")
    }
  }
}
