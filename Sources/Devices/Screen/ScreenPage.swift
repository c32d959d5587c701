/// The page that shows a screen in a browser.
enum ScreenPage {
  /// French first, since the rooms are the French State's; the English text says that it is English. The style sheet is
  /// inside, so that the page needs nothing from anywhere.
  static let html = """
    <!doctype html>
    <html lang="fr">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Salle – l’écran en direct</title>
    <style>
    :root { color-scheme: light dark; font: 1rem/1.5 Marianne, system-ui, sans-serif; }
    body { margin: 0 auto; max-width: 120rem; padding: 1rem; }
    h1 { font-size: 1.25rem; margin: 0 0 .75rem; }
    img { display: block; width: 100%; height: auto; background: #161616; }
    p { margin: .75rem 0 0; }
    </style>
    </head>
    <body>
    <main>
    <h1>L’écran de la salle, en direct</h1>
    <img src="/live" width="WIDTH" height="HEIGHT" alt="Image en direct de l’écran de la salle : les participants de \
    la réunion, avec leurs noms.">
    <p>L’image se met à jour d’elle-même. <a href="/screen.jpg">Image fixe</a></p>
    <p lang="en">The room’s screen, live. The picture updates by itself. <a href="/screen.jpg">Still picture</a></p>
    </main>
    </body>
    </html>

    """

  static func html(width: Int, height: Int) -> String {
    var page = ""
    for line in html.split(separator: "\n", omittingEmptySubsequences: false) {
      let isImage = line.hasPrefix("<img")
      page += isImage ? image(line, width: width, height: height) : String(line)
      page += "\n"
    }
    return page
  }

  private static func image(_ line: Substring, width: Int, height: Int) -> String {
    line.split(separator: " ", omittingEmptySubsequences: false).map { word in
      switch word {
      case "width=\"WIDTH\"": "width=\"\(width)\""
      case "height=\"HEIGHT\"": "height=\"\(height)\""
      default: String(word)
      }
    }.joined(separator: " ")
  }
}
