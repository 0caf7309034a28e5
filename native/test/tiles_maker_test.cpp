// Tiles of a program whose time the test gives: which are made, how large, how often, and of what.
#include "tiles/tile_maker.h"

#include "compositor/blend.h"

#include <stdio.h>

#include <jpeglib.h>

#include <chrono>
#include <thread>

#include "test/compositor_stage.h"
#include "test/check.h"

using namespace vistter;

namespace {

struct Rgb {
  int r, g, b;
};

/// The pixel in the middle of a JPEG.
Rgb middleOf(const Tile& tile) {
  jpeg_decompress_struct info;
  jpeg_error_mgr errors;
  info.err = jpeg_std_error(&errors);
  jpeg_create_decompress(&info);
  jpeg_mem_src(&info, const_cast<unsigned char*>(tile.jpeg.data()), tile.jpeg.size());
  CHECK(jpeg_read_header(&info, TRUE) == JPEG_HEADER_OK);
  jpeg_start_decompress(&info);
  CHECK(int(info.output_width) == tile.width && int(info.output_height) == tile.height);
  std::vector<uint8_t> row(info.output_width * 3);
  JSAMPROW at = row.data();
  Rgb found{};
  while (info.output_scanline < info.output_height) {
    const bool isMiddle = info.output_scanline == info.output_height / 2;
    jpeg_read_scanlines(&info, &at, 1);
    if (isMiddle) found = {row[row.size() / 6 * 3], row[row.size() / 6 * 3 + 1], row[row.size() / 6 * 3 + 2]};
  }
  jpeg_destroy_decompress(&info);
  return found;
}

const auto none = [](Shot&) {};

PictureRef plain(int width, int height, uint8_t r, uint8_t g, uint8_t b, uint8_t a = 255) {
  std::vector<uint8_t> rgba(size_t(width) * size_t(height) * 4);
  for (size_t i = 0; i < rgba.size(); i += 4) {
    rgba[i] = r, rgba[i + 1] = g, rgba[i + 2] = b, rgba[i + 3] = a;
  }
  return pictureFromRgba(width, height, rgba.data(), size_t(width) * 4);
}

/// Waits for `count` tiles; more than that is not waited for.
std::vector<Tile> fetch(TileMaker& maker, size_t count) {
  std::vector<Tile> all;
  for (int i = 0; i < 2000 && all.size() < count; i++) {
    for (Tile& tile : maker.fetch()) all.push_back(std::move(tile));
    if (all.size() < count) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  CHECK(all.size() == count);
  return all;
}

void itIsTheirColourInTheirProportions() {
  TileMaker maker;
  maker.wish({{"wide", 160, 90, 1}, {"tall", 160, 90, 1}, {"small", 160, 90, 1}, {"odd", 160, 90, 1}, {"clear", 160, 90, 1}});
  const std::map<std::string, PictureRef> pictures = {
    {"wide", plain(1920, 1080, 200, 40, 30)}, {"tall", plain(540, 960, 20, 180, 60)}, {"small", plain(64, 36, 30, 60, 220)},
    {"odd", plain(321, 181, 128, 128, 128)}, {"clear", plain(320, 180, 0, 0, 0, 0)},
  };
  maker.lend(7, 100, [&](const std::string& id) { return pictures.at(id); }, none);
  for (const Tile& tile : fetch(maker, 5)) {
    const Rgb c = middleOf(tile);
    CHECK(tile.frame == 7);
    const auto is = [&](int w, int h, int r, int g, int b) {
      CHECK(tile.width == w && tile.height == h);
      CHECK_NEAR(c.r, r, 9);
      CHECK_NEAR(c.g, g, 9);
      CHECK_NEAR(c.b, b, 9);
    };
    if (tile.id == "wide") is(160, 90, 200, 40, 30);
    if (tile.id == "tall") is(50, 90, 20, 180, 60);
    if (tile.id == "small") is(64, 36, 30, 60, 220);
    if (tile.id == "odd") is(160, 90, 128, 128, 128);
    if (tile.id == "clear") is(160, 90, 0, 0, 0);
  }
}

void itIsMadeAsOftenAsIsWantedAndOnlyWhenItChanged() {
  TileMaker maker;
  maker.wish({{"a", 160, 90, 100000}});
  int lent = 0;
  for (int n = 0; n < 60; n++) {
    const PictureRef picture = plain(320, 180, uint8_t(n), 0, 0);
    maker.lend(n, 1000000 + n * 33333, [&](const std::string&) { return picture; }, none);
    if (maker.fetch().empty()) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    else lent++;
  }
  fetch(maker, 0);
  const uint64_t made = maker.stats().made + maker.stats().replaced;
  CHECK(made >= 18 && made <= 21);  // Two seconds at ten a second.
  const PictureRef same = plain(320, 180, 9, 9, 9);
  for (int n = 100; n < 160; n++) maker.lend(n, 9000000 + n * 33333, [&](const std::string&) { return same; }, none);
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  CHECK(maker.stats().made + maker.stats().replaced == made + 1);
}

void nothingIsLentToNobody() {
  TileMaker maker;
  int asked = 0;
  const auto count = [&](const std::string&) { asked++; return PictureRef(); };
  maker.lend(1, 1, count, none);
  CHECK(asked == 0);
  maker.wish({{"a", 160, 90, 1}});
  maker.lend(2, 2, count, none);
  CHECK(asked == 1);
  maker.wish({});
  maker.lend(3, 3, count, none);
  CHECK(asked == 1);
}

void theProgramAndItsSourcesAreSeen() {
  Stage s;
  s.state.tiles = std::make_shared<TileMaker>();
  auto camera = s.add("cam", false);
  s.state.tiles->wish({{"cam", 160, 90, 1000}, {TileMaker::kProgramTile, 320, 180, 1000}, {"nobody", 160, 90, 1000}});
  s.scene({layer("cam")});
  const uint32_t most = 8;
  for (int64_t k = 0; k < 40; k++) {
    Stage::frame(*camera, k, 120);
    s.tick();
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    CHECK(s.rings[0]->free() + 6 >= most);  // A monitor never keeps a camera's slots.
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  bool seen[2] = {false, false};
  for (const Tile& tile : s.state.tiles->fetch()) {
    CHECK(tile.id == "cam" || tile.id == "program");
    CHECK(tile.width == (tile.id == "cam" ? 160 : 320));
    seen[tile.id == "cam"] = true;
  }
  CHECK(seen[0] && seen[1]);
}

/// A photograph's decoder has no more slots than it takes to draw one.
void aPictureThatStandsIsSeen() {
  Stage s;
  s.state.tiles = std::make_shared<TileMaker>();
  auto photograph = s.add("photo", false, "", 3);
  s.state.tiles->wish({{"photo", 160, 90, 1000}});
  s.scene({layer("photo")});
  Stage::frame(*photograph, 0, 120);
  for (int n = 0; n < 10; n++) s.tick();
  CHECK(fetch(*s.state.tiles, 1)[0].id == "photo");
}

/// Drawn small, against the program's own picture made as small.
void aSceneIsDrawnAsItWouldBeOnProgram() {
  Stage s;
  std::vector<uint8_t> rgba(size_t(kWidth) * kHeight * 4, 255);
  for (int y = 0; y < kHeight; y++) {
    for (int x = 0; x < kWidth; x++) {
      uint8_t* at = &rgba[size_t(y * kWidth + x) * 4];
      at[0] = uint8_t(x * 255 / kWidth), at[1] = uint8_t(y * 255 / kHeight), at[2] = uint8_t(128 + 100 * std::sin(x / 40.0));
    }
  }
  s.state.pictures["a"] = pictureFromRgba(kWidth, kHeight, rgba.data(), kWidth * 4);
  s.state.pictures["b"] = Stage::plain(220);
  s.state.pictures["o"] = plain(64, 36, 250, 250, 0, 128);
  // On even pixels at both sizes: edges are sharp.
  Scene scene = sceneOf("s", {layer("a"), layer("b", 0.4, 0.4), layer("nobody", 0.2, 0.2)});
  s.state.setOverlays(std::make_shared<const std::vector<Layer>>(std::vector<Layer>{layer("o", 0.2, 0.4)}));
  s.state.take({Stage::shared(scene), false, {}, {}});
  const PictureRef program = s.state.tick(s.n, int64_t(s.clock.dueUs(s.n)));
  Shot shot{Stage::shared(scene), true, nullptr, {}, nullptr};
  for (const char* id : {"a", "b"}) shot.add(id, s.state.pictures[id]);
  shot.add("nobody", s.state.pictures["slate"]);
  shot.add("o", s.state.pictures["o"]);
  shot.overlays = std::make_shared<const std::vector<Layer>>(std::vector<Layer>{layer("o", 0.2, 0.4)});
  ShotDrawer drawer;
  for (const Size size : {Size{160, 90}, Size{kWidth, kHeight}}) {
    const PictureRef drawn = drawer.draw(shot, size.width, size.height);
    Frame small(size.width, size.height, false);
    scaleRect(*program, {0, 0, kWidth, kHeight}, small, {0, 0, size.width, size.height});
    double squares = 0;
    for (int y = 0; y < size.height; y++) {
      for (int x = 0; x < size.width; x++) {
        const double off = double(drawn->y[y * drawn->strideY + x]) - small.y[y * small.strideY + x];
        squares += off * off;
      }
    }
    const double psnr = 10 * std::log10(255 * 255 / std::max(1e-9, squares / (size.width * size.height)));
    printf("  %dx%d: %.1f dB\n", size.width, size.height, psnr);
    CHECK(psnr > (size.width == kWidth ? 90 : 30));
  }
}

void sceneTilesAreMadeOfWhatTheyShow() {
  Stage s;
  s.state.tiles = std::make_shared<TileMaker>(kWidth, kHeight);
  s.state.pictures["a"] = Stage::plain(60);
  s.state.pictures["b"] = Stage::plain(200);
  s.scene({layer("a")});
  const auto scene = Stage::shared(sceneOf("x", {layer("b")}));
  const auto none_ = Stage::shared(sceneOf("y", {}));
  s.state.tiles->wish({{"preview", 160, 90, 1000, scene, true}, {"empty", 160, 90, 1000, none_}});
  s.tick();
  for (const Tile& tile : fetch(*s.state.tiles, 2)) CHECK_NEAR(middleOf(tile).g, 200, 9);  // The slate where nothing is.
  // What has not changed is not made again, and an overlay is a change.
  for (int i = 0; i < 5; i++) s.tick();
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  CHECK(s.state.tiles->fetch().empty());
  s.state.setOverlays(std::make_shared<const std::vector<Layer>>(std::vector<Layer>{layer("a")}));
  s.tick();
  const std::vector<Tile> again = fetch(*s.state.tiles, 1);
  CHECK(again[0].id == "preview");
  CHECK_NEAR(middleOf(again[0]).g, 60, 9);
}

void aSceneNeverPlaysAFilmThatStandsIn() {
  Stage s;
  s.state.tiles = std::make_shared<TileMaker>(kWidth, kHeight);
  auto camera = s.add("cam", false, "film");
  auto film = s.add("film", true);
  for (int64_t k = 0; k < 8; k++) Stage::frame(*film, k, uint8_t(90));  // As full as it gets while it stands.
  s.scene({layer("slate")});
  s.state.tiles->wish({{"preview", 160, 90, 1000, Stage::shared(sceneOf("x", {layer("cam")}))}});
  for (int i = 0; i < 10; i++) s.tick();
  CHECK(s.state.sources["film"]->stoodInFrame == -1);
  CHECK(!s.state.tiles->fetch().empty() || fetch(*s.state.tiles, 1).size() == 1);
}

void itStopsWhilePicturesAreLent() {
  for (int i = 0; i < 50; i++) {
    TileMaker maker;
    maker.wish({{"a", 320, 180, 1}, {"b", 320, 180, 1}});
    const PictureRef picture = plain(640, 360, 1, 2, 3);
    for (int n = 0; n < i % 4; n++) maker.lend(n, n * 10, [&](const std::string&) { return picture; }, none);
  }
}

}  // namespace

int main() {
  RUN(itIsTheirColourInTheirProportions);
  RUN(itIsMadeAsOftenAsIsWantedAndOnlyWhenItChanged);
  RUN(nothingIsLentToNobody);
  RUN(theProgramAndItsSourcesAreSeen);
  RUN(aPictureThatStandsIsSeen);
  RUN(aSceneIsDrawnAsItWouldBeOnProgram);
  RUN(sceneTilesAreMadeOfWhatTheyShow);
  RUN(aSceneNeverPlaysAFilmThatStandsIn);
  RUN(itStopsWhilePicturesAreLent);
}
