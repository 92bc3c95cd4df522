#include "hub/features/configuration/page_template.hpp"

#include <gtest/gtest.h>

namespace espial::configuration {
namespace {

using Names = std::vector<std::string>;

TEST(PageTemplate, OnlyKnownKeysAreReplacedAndTheirValuesEscaped) {
  const Values values{{"F1", "21.5"}, {"Title", "<b>\"Salon\" & co</b>"}};
  const Rendered page =
      render_template("<p title='$Title'>$Title: $F1&deg;, $F2, $F10, $</p>", values);
  EXPECT_EQ(page.html,
            "<p title=\"&lt;b&gt;&quot;Salon&quot; &amp; co&lt;/b&gt;\">&lt;b&gt;&quot;Salon&quot; "
            "&amp; co&lt;/b&gt;: 21.5&deg;, $F2, $F10, $</p>");
  EXPECT_EQ(page.dropped, Names{});
}

TEST(PageTemplate, AnElementThatIsCalledLikeAKeyShowsItsValue) {
  const Values values{{"F1", "21.5"}, {"Title", "<Salon>"}};
  EXPECT_EQ(render_template("<h4><i class=\"x\"></i> <span id=\"$Title\"></span></h4><p><span "
                            "id=\"$F1\">19</span> &deg;C <b id='$F2'>9</b></p>",
                            values)
                .html,
            "<h4><i class=\"x\"></i> <span>&lt;Salon&gt;</span></h4><p><span>21.5</span> &deg;C <b "
            "id=\"$F2\">9</b></p>");
  EXPECT_EQ(render_template("<span id=\"$F1\">19", values).html, "<span>21.5");
}

TEST(PageTemplate, ScriptsAreDroppedWithWhatTheyHoldAndNamed) {
  const Rendered page = render_template(
      "<DIV onclick=alert(1) class=x>a<ScRiPt>document.write('<b>')</sCript >b"
      "<img src=x onerror=alert(1)><style>p{}</style></div>",
      {});
  EXPECT_EQ(page.html, "<div class=\"x\">ab</div>");
  EXPECT_EQ(page.dropped, (Names{"onclick", "<script>", "<img>", "<style>"}));
}

TEST(PageTemplate, TricksStayText) {
  EXPECT_EQ(render_template("3 < 4 <3", {}).html, "3 &lt; 4 ");
  EXPECT_EQ(render_template("<a href=\"javascript:x\">y</a>", {}).html, "<a>y</a>");
  EXPECT_EQ(render_template("<!-- <script> --><p", {}).html, "<p>");
  EXPECT_EQ(render_template("<script>never closed", {}).html, "");
  EXPECT_EQ(render_template("<p title=\"a>b\">c</p>", {}).html, "<p title=\"a&gt;b\">c</p>");
  EXPECT_EQ(render_template("<<b>script>x", {}).html, "&lt;<b>script&gt;x");
}

}  // namespace
}  // namespace espial::configuration
