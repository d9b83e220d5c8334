import Diagnostics
import Glibc

/// Reads the text files of a project, or says why it cannot.
public enum Files {
  /// A pipeline of a thousand stages has fewer bytes.
  public static let longestText = 4 << 20

  /// - Parameter limit: how many bytes the file may have.
  public static func read(
    _ path: String, usedAt span: SourceSpan? = nil, limit: Int = longestText
  ) throws(Diagnostic) -> SourceFile {
    let bytes: [UInt8]
    do throws(BoundedFile.Trouble) {
      bytes = try BoundedFile.read(path, limit: limit)
    } catch {
      throw diagnostic(error, path, span)
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw Diagnostic(
        .notUTF8, "\(path) is not UTF-8", at: span, help: "save it as UTF-8")
    }
    return SourceFile(name: path, text: text)
  }

  /// The names in a folder, in no order.
  /// - Throws: `BoundedFile.Trouble`, so that a folder that cannot be looked into is not taken for an
  ///   empty one.
  public static func names(in folder: String) throws(BoundedFile.Trouble) -> [String] {
    guard let stream = opendir(folder) else {
      throw errno == ENOENT || errno == ENOTDIR ? .missing : .system(errno)
    }
    defer { closedir(stream) }
    var names: [String] = []
    errno = 0
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
      errno = 0
    }
    if errno != 0 { throw .system(errno) }
    return names
  }

  /// What is at a path: nil for nothing, or for what cannot be looked at.
  public static func isFolder(_ path: String) -> Bool? {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    return status.st_mode & S_IFMT == S_IFDIR
  }

  public static func exists(_ path: String) -> Bool { isFolder(path) != nil }

  private static func diagnostic(
    _ trouble: BoundedFile.Trouble, _ path: String, _ span: SourceSpan?
  ) -> Diagnostic {
    switch trouble {
    case .missing:
      Diagnostic(.unreadableFile, "there is no file \(path)", at: span, help: neighbours(of: path))
    case .isFolder:
      Diagnostic(.unreadableFile, "\(path) is a folder", at: span, help: "name a file in it")
    case .tooLarge:
      Diagnostic(
        .yamlTooLarge, "\(path) \(trouble.description)", at: span,
        help: "is it the file that is meant?")
    case .silent:
      Diagnostic(
        .unreadableFile, "\(path) \(trouble.description)", at: span, help: "name a file")
    case .system(let code):
      Diagnostic(
        .unreadableFile, "\(path) \(trouble.description)", at: span,
        help: code == EMFILE || code == ENFILE
          ? "let the process have more open files (ulimit -n)" : "check its permissions")
    }
  }

  private static func neighbours(of path: String) -> String {
    if !Paths.isAbsolute(path), Paths.workingDirectory == nil {
      return "the folder in which roost was started is gone; start it in one that is there"
    }
    let folder = Paths.folder(of: path)
    let names = (try? names(in: folder)) ?? []
    return Suggestion.nearest(to: Paths.name(of: path), in: names)
      .map { "did you mean '\(Paths.join(folder, $0))'?" }
      ?? (isFolder(folder) == true
        ? "there is nothing of a similar name in \(folder)" : "there is no folder \(folder)")
  }
}
