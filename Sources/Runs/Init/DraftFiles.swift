import Foundation

/// Writes the files of a draft: all of them or none, and never over another.
struct DraftFiles {
  let folder: String
  let files: [ProjectDraft.File]

  private func path(_ file: ProjectDraft.File) -> String {
    folder.hasSuffix("/") ? folder + file.path : "\(folder)/\(file.path)"
  }

  /// Files of the draft that are there already.
  var standing: [String] {
    files.map(path).filter { path in
      var information = stat()
      return lstat(path, &information) == 0
    }
  }

  func write() throws(InitError) {
    if !standing.isEmpty { throw .filesExist(standing) }
    var made: [String] = []
    var folders: [String] = []
    do {
      for file in files { try makeFolders(of: path(file), &folders) }
      var pending: [(temporary: String, path: String)] = []
      for file in files {
        let path = path(file)
        let temporary = "\(path).\(getpid()).new"
        made.append(temporary)
        try write(file.text, to: temporary)
        pending.append((temporary, path))
      }
      for (temporary, path) in pending {
        // A link fails where something has appeared in the meantime; a rename would replace it.
        guard link(temporary, path) == 0 else { throw Self.failure(path) }
        made.append(path)
      }
    } catch {
      for path in made { unlink(path) }
      for folder in folders.reversed() { rmdir(folder) }
      throw error
    }
    for path in made where path.hasSuffix(".\(getpid()).new") { unlink(path) }
  }

  private func makeFolders(of path: String, _ made: inout [String]) throws(InitError) {
    let parent = (path as NSString).deletingLastPathComponent
    guard !parent.isEmpty, !FileManager.default.fileExists(atPath: parent) else { return }
    try makeFolders(of: parent, &made)
    guard mkdir(parent, 0o777) == 0 else { throw Self.failure(parent) }
    made.append(parent)
  }

  private func write(_ text: String, to path: String) throws(InitError) {
    do {
      try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .withoutOverwriting)
    } catch {
      throw .cannotWrite(path, why: error.localizedDescription)
    }
  }

  private static func failure(_ path: String) -> InitError {
    errno == EEXIST
      ? .filesExist([path]) : .cannotWrite(path, why: String(cString: strerror(errno)))
  }
}
