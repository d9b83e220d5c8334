import CLibpq
import Glibc

extension PostgresConnection {
  /// Whether the session is still there. Asks the server nothing, but notices what it said since the
  /// last statement: that it ends the session, or nothing any more.
  public func isAlive() -> Bool {
    guard let session = try? openSession() else { return false }
    session.listen()
    return PQstatus(session.handle) == CONNECTION_OK
  }
}

extension Session {
  /// Takes what came between statements.
  fileprivate func listen() {
    // The end of a connection comes behind the words of parting.
    for _ in 0..<8 {
      var socket = pollfd(fd: PQsocket(handle), events: Int16(POLLIN), revents: 0)
      guard socket.fd >= 0, poll(&socket, 1, 0) > 0, PQconsumeInput(handle) == 1 else { return }
      // Notices are taken here.
      _ = PQisBusy(handle)
    }
  }
}
