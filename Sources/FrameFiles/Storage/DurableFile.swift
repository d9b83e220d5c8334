import Cryptography
import Glibc

/// Writing files so that, whenever the power goes, there is either the old file or the whole new one.
public enum DurableFile {
  /// Writes a file, or puts it in the place of the one with its name. Mode 0600.
  /// - Throws: `FrameFileError`.
  public static func write(_ bytes: [UInt8], to path: String) throws {
    try replace(path) { file in
      try bytes.withUnsafeBytes { try file.write($0, at: 0) }
    }
  }

  /// The bytes of a file.
  /// - Throws: `FrameFileError`.
  public static func read(_ path: String) throws(FrameFileError) -> [UInt8] {
    let file = try OpenFile(path, flags: O_RDONLY)
    return try file.read(try file.size, at: 0)
  }

  /// Makes a folder that only its owner can look into, and those above it that are not there.
  /// - Throws: `FrameFileError`.
  public static func makeFolder(_ path: String) throws(FrameFileError) {
    if mkdir(path, 0o700) == 0 {
      return try synchronize(folder: folder(of: path))
    }
    if errno == ENOENT, folder(of: path) != path {
      try makeFolder(folder(of: path))
      // Some folders that are there, as /proc, say that way that they take none.
      if mkdir(path, 0o700) == 0 { return try synchronize(folder: folder(of: path)) }
    }
    var status = stat()
    guard errno == EEXIST, stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
      throw .system("make the folder", path)
    }
  }

  /// Removes a file; that it is gone already is no error.
  /// - Throws: `FrameFileError`.
  public static func remove(_ path: String) throws(FrameFileError) {
    guard unlink(path) == 0 || errno == ENOENT else { throw .system("remove", path) }
  }

  /// The end of the names of files that are not whole yet; a process that was killed may leave some.
  public static let temporarySuffix = ".part"

  /// Writes a file under a temporary name in the same folder, and gives it its name when it is whole
  /// and on the disk.
  static func replace(_ path: String, _ write: (OpenFile) throws -> Void) throws {
    let mark = try RandomBytes.make(8).hexadecimal
    let temporary = "\(path).\(mark)\(temporarySuffix)"
    do {
      let file = try OpenFile(temporary, flags: O_CREAT | O_EXCL | O_RDWR)
      try write(file)
      try file.synchronize()
      guard rename(temporary, path) == 0 else { throw FrameFileError.system("rename", path) }
    } catch {
      unlink(temporary)
      throw error
    }
    try synchronize(folder: folder(of: path))
  }

  /// A name is on the disk only when its folder is.
  private static func synchronize(folder: String) throws(FrameFileError) {
    try OpenFile(folder, flags: O_RDONLY | O_DIRECTORY).synchronize()
  }

  private static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }
}
