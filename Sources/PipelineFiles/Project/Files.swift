import Diagnostics
import Foundation

/// Reads the text files of a project, or says why it cannot.
public enum Files {
  public static func read(_ path: String, usedAt span: SourceSpan? = nil) throws(Diagnostic)
    -> SourceFile
  {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw Diagnostic(
        .unreadableFile, "there is no file \(path)", at: span, help: neighbours(of: path))
    }
    guard !isFolder.boolValue, let data = FileManager.default.contents(atPath: path) else {
      throw Diagnostic(
        .unreadableFile,
        isFolder.boolValue ? "\(path) is a folder" : "\(path) cannot be read", at: span,
        help: isFolder.boolValue ? "name a file in it" : "check its permissions")
    }
    guard let text = String(validating: data, as: UTF8.self) else {
      throw Diagnostic(
        .notUTF8, "\(path) is not UTF-8", at: span, help: "save it as UTF-8")
    }
    return SourceFile(name: path, text: text)
  }

  private static func neighbours(of path: String) -> String {
    let folder = Paths.folder(of: path)
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    let name = (path as NSString).lastPathComponent
    return Suggestion.nearest(to: name, in: names).map { "did you mean '\(folder)/\($0)'?" }
      ?? "there is nothing of a similar name in \(folder.isEmpty ? "." : folder)"
  }
}
