import Glibc

/// An open file, closed when it is released. Reading and writing at a place is safe from any thread.
final class OpenFile: Sendable {
  let path: String
  let descriptor: Int32

  /// - Throws: `FrameFileError`.
  init(_ path: String, flags: Int32, mode: mode_t = 0o600) throws(FrameFileError) {
    self.path = path
    descriptor = open(path, flags | O_CLOEXEC, mode)
    if descriptor < 0 { throw .system("open", path) }
  }

  deinit { close(descriptor) }

  var size: Int {
    get throws(FrameFileError) {
      var status = stat()
      guard fstat(descriptor, &status) == 0 else { throw .system("look at", path) }
      return Int(status.st_size)
    }
  }

  /// Fills the buffer, as far as the file goes.
  /// - Returns: how many bytes were read.
  func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(FrameFileError)
    -> Int
  {
    var done = 0
    while done < buffer.count, let start = buffer.baseAddress {
      let count = pread(descriptor, start + done, buffer.count - done, off_t(offset + done))
      if count > 0 {
        done += count
      } else if count == 0 {
        break
      } else if errno != EINTR {
        throw .system("read", path)
      }
    }
    return done
  }

  func read(_ count: Int, at offset: Int) throws(FrameFileError) -> [UInt8] {
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 1)
    defer { memory.deallocate() }
    let found = try read(into: memory, at: offset)
    return Array(memory.prefix(found))
  }

  func write(_ buffer: UnsafeRawBufferPointer, at offset: Int) throws(FrameFileError) {
    var done = 0
    while done < buffer.count, let start = buffer.baseAddress {
      let count = pwrite(descriptor, start + done, buffer.count - done, off_t(offset + done))
      if count >= 0 {
        done += count
      } else if errno != EINTR {
        throw .system("write", path)
      }
    }
  }

  func synchronize() throws(FrameFileError) {
    guard fsync(descriptor) == 0 else { throw .system("sync", path) }
  }
}
