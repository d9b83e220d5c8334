import Glibc
import PipelineFiles

/// Writes the files of a draft: all of them or none, and never over another.
struct DraftFiles {
  let folder: String
  let files: [ProjectDraft.File]

  private func path(_ file: ProjectDraft.File) -> String {
    folder == "." ? file.path : (folder.hasSuffix("/") ? folder : folder + "/") + file.path
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
    var made = Made()
    do throws(InitError) {
      try write(&made)
    } catch {
      for path in made.files + made.temporaries { unlink(path) }
      for folder in made.folders.reversed() { rmdir(folder) }
      throw error
    }
    for path in made.temporaries { unlink(path) }
  }

  /// What was made so far.
  private struct Made {
    var folders: [String] = []
    var temporaries: [String] = []
    var files: [String] = []
  }

  private func write(_ made: inout Made) throws(InitError) {
    for file in files {
      let path = path(file)
      try makeFolders(of: path, &made.folders)
      let temporary = "\(path).\(getpid()).new"
      made.temporaries.append(temporary)
      try write(file.text, to: temporary)
    }
    for (temporary, file) in zip(made.temporaries, files) {
      let path = path(file)
      // A link fails where something has appeared in the meantime; a rename would replace it.
      guard link(temporary, path) == 0 else { throw Self.failure(path) }
      made.files.append(path)
    }
  }

  private func makeFolders(of path: String, _ made: inout [String]) throws(InitError) {
    let parent = Paths.folder(of: path)
    // A folder that is there and says of another that it is not cannot hold one: it ends at the top.
    guard parent != path, !Files.exists(parent) else { return }
    try makeFolders(of: parent, &made)
    guard mkdir(parent, 0o777) == 0 else { throw Self.failure(parent) }
    made.append(parent)
  }

  private func write(_ text: String, to path: String) throws(InitError) {
    let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard file >= 0 else { throw Self.failure(path) }
    defer { close(file) }
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
      if count < 0, errno != EINTR { throw Self.failure(path) }
      bytes = bytes.dropFirst(max(0, count))
    }
  }

  private static func failure(_ path: String) -> InitError {
    errno == EEXIST
      ? .filesExist([path]) : .cannotWrite(path, why: String(cString: strerror(errno)))
  }
}
