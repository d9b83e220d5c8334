import Glibc

/// A lock on a folder that one holder at a time has, in this process or another. It goes with the
/// process, however that ends.
public final class FolderLock: Sendable {
  private let file: OpenFile

  private init(_ file: OpenFile) { self.file = file }

  /// Closing alone would leave the lock to a child process that has not come to its program yet.
  deinit { flock(file.descriptor, LOCK_UN) }

  /// Takes the lock.
  /// - Returns: nil where another has it.
  /// - Throws: `FrameFileError`.
  public static func take(_ folder: String) throws(FrameFileError) -> FolderLock? {
    let file = try OpenFile("\(folder)/lock", flags: O_CREAT | O_RDWR)
    if flock(file.descriptor, LOCK_EX | LOCK_NB) == 0 { return FolderLock(file) }
    if errno == EWOULDBLOCK { return nil }
    throw .system("lock", file.path)
  }
}
