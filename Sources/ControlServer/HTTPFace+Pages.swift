import Control
import NIOHTTP1

extension HTTPFace {
  /// The page's file that a request is for, which anybody may have: what is behind it asks for the login. Nil when there is
  /// none.
  func page(_ head: HTTPRequestHead) -> HTTPAnswer? {
    let path = head.uri.prefix { $0 != "?" }
    guard head.method == .GET || head.method == .HEAD, let page = pages[String(path)] else { return nil }
    var response = RESTResponse.file(page.bytes, page.contentType)
    let tag = response.headers.first { $0.name == "ETag" }?.value
    if let tag, head.headers["If-None-Match"].contains(tag) { response = .unchanged(tag) }
    return HTTPAnswer(response, policy: pagePolicy)
  }
}
