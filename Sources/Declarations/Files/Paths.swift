import Glibc

/// Paths as people write them: shown as they were given, never made absolute for messages.
///
/// Foundation's own functions end the process on some paths of one letter, and ask for the working
/// directory, which may be gone. These work on bytes, as the kernel does.
public enum Paths {
  private static let slash = UInt8(ascii: "/")

  /// A path seen from a folder; an absolute one stays as it is.
  public static func join(_ folder: String, _ path: String) -> String {
    if isAbsolute(path) || folder.isEmpty || folder == "." { return path }
    return shown(normalized(folder + "/" + path))
  }

  public static func isAbsolute(_ path: String) -> Bool { path.utf8.first == slash }

  /// The path as it is shown: relative where it lies below the working directory.
  public static func shown(_ path: String) -> String {
    guard isAbsolute(path), let here = workingDirectory, here != "/" else { return path }
    if path == here { return "." }
    let (bytes, prefix) = (Array(path.utf8), Array((here + "/").utf8))
    return bytes.starts(with: prefix)
      ? String(decoding: bytes.dropFirst(prefix.count), as: UTF8.self) : path
  }

  /// The folder that a path lies in: `.` for a name alone, `/` for what lies at the top.
  public static func folder(of path: String) -> String {
    let bytes = trimmed(path)
    guard let place = bytes.lastIndex(of: slash) else { return "." }
    let folder = bytes[..<place]
    guard let end = folder.lastIndex(where: { $0 != slash }) else { return "/" }
    return String(decoding: folder[...end], as: UTF8.self)
  }

  /// The last name of a path: `orders.sql` of `sql/shop/orders.sql`.
  public static func name(of path: String) -> String {
    let bytes = trimmed(path)
    let start = bytes.lastIndex(of: slash).map { $0 + 1 } ?? bytes.startIndex
    if start == bytes.endIndex, !bytes.isEmpty { return "/" }
    return String(decoding: bytes[start...], as: UTF8.self)
  }

  /// The last name of a path without what stands behind its last full stop.
  public static func stem(of path: String) -> String {
    let name = Array(name(of: path).utf8)
    guard let stop = name.lastIndex(of: UInt8(ascii: ".")), stop > 0 else {
      return String(decoding: name, as: UTF8.self)
    }
    return String(decoding: name[..<stop], as: UTF8.self)
  }

  /// The path from the top; nil for a relative one where the working directory is gone.
  public static func absolute(_ path: String) -> String? {
    if isAbsolute(path) { return normalized(path) }
    return workingDirectory.map { normalized($0 + "/" + path) }
  }

  /// The path without `.`, doubled slashes and `name/..`. Behind a symbolic link `..` stays: what it
  /// means, only the kernel knows.
  public static func normalized(_ path: String) -> String {
    let start = isAbsolute(path) ? "/" : ""
    var parts: [String] = []
    for part in path.utf8.split(separator: slash) {
      let part = String(Substring(part))
      switch part {
      case ".": break
      case "..":
        if let last = parts.last, last != "..",
          !isLink(start + parts.joined(separator: "/"))
        {
          parts.removeLast()
        } else if !parts.isEmpty || start.isEmpty {
          parts.append(part)
        }
      default: parts.append(part)
      }
    }
    let joined = start + parts.joined(separator: "/")
    return joined.isEmpty ? "." : joined
  }

  /// Where the process is; nil where that folder is gone.
  public static var workingDirectory: String? {
    guard let buffer = getcwd(nil, 0) else { return nil }
    defer { free(buffer) }
    let path = String(cString: buffer)
    // The kernel writes "(unreachable)" before a folder that lies outside of what the process sees.
    return isAbsolute(path) ? path : nil
  }

  /// Without slashes at its end, unless it is nothing else.
  private static func trimmed(_ path: String) -> ArraySlice<UInt8> {
    let bytes = Array(path.utf8)
    guard let end = bytes.lastIndex(where: { $0 != slash }) else { return bytes[...] }
    return bytes[...end]
  }

  private static func isLink(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK
  }
}
