# The compositor, the mixer, the feeds, the tiles and their door to Node. Node-API is the same for every Node: one binary serves all.
PROGRAM_SOURCES := compositor/compositor.cpp compositor/geometry.cpp compositor/program.cpp compositor/render_picture.cpp compositor/render_sound.cpp \
  compositor/render_state.cpp compositor/showing.cpp
SOUND_SOURCES := compositor/source.cpp compositor/source_clock.cpp feed/feed.cpp feed/nut_writer.cpp mixer/delay_line.cpp mixer/mixer.cpp mixer/monitor.cpp mixer/sound_reader.cpp
TILES_SOURCES := compositor/picture.cpp tiles/quarter.cpp tiles/shot.cpp tiles/tile_maker.cpp
# The loops over pixels have flags of their own in their files, and names alike.
PIXEL_SOURCES := compositor/blend.cpp compositor/scale.cpp tiles/jpeg.cpp
ADDON_OBJECT := $(call bundle,addon,addon/addon.cpp addon/args.cpp addon/program_wrap.cpp addon/testing.cpp)
CORE_OBJECTS := $(call bundle,program,$(PROGRAM_SOURCES)) $(call bundle,sound,$(SOUND_SOURCES)) $(call bundle,tiles,$(TILES_SOURCES)) $(call objects,$(PIXEL_SOURCES))
CORE_LDLIBS = -lyuv -ljpeg $(shell $(PKG_CONFIG) --libs libavformat libavcodec libavutil)

NODE_MODULES ?= ../node_modules
ADDON_CPPFLAGS := -isystem $(NODE_MODULES)/node-api-headers/include -isystem $(NODE_MODULES)/node-addon-api \
  -DNAPI_VERSION=8 -DNODE_ADDON_API_CPP_EXCEPTIONS -DBUILDING_NODE_EXTENSION
$(ADDON_OBJECT): CPPFLAGS += $(ADDON_CPPFLAGS)

PRODUCTS += $(BUILD)/vistter.node
APART += $(CORE_OBJECTS)

# nodelete: the helper thread runs as long as the process, so its code must stay when a Node worker lets go of the addon.
$(BUILD)/vistter.node: $(ADDON_OBJECT) $(CORE_OBJECTS)
	$(CXX) -shared $(LDFLAGS) -Wl,-z,nodelete $^ $(CORE_LDLIBS) -o $@

# Tests of the parts, without Node; and a bench, which is built but not run by "make test".
CORE_TESTS := $(patsubst test/%.cpp,$(BUILD)/test/%,$(wildcard test/compositor_*_test.cpp test/mixer_*_test.cpp test/tiles_*_test.cpp))
TESTS += $(CORE_TESTS)
TEST_TOOLS += $(BUILD)/compositor-bench $(BUILD)/compositor-fake-camera

$(CORE_TESTS): $(BUILD)/test/%: $(BUILD)/obj/test/%.o $(CORE_OBJECTS)
	@mkdir -p $(@D)
	$(CXX) $(LDFLAGS) $^ $(CORE_LDLIBS) -o $@

$(BUILD)/compositor-bench: $(call objects,test/compositor_bench.cpp) $(CORE_OBJECTS)
	$(CXX) $(LDFLAGS) $^ $(CORE_LDLIBS) -o $@

$(BUILD)/compositor-fake-camera: $(call objects,test/compositor_fake_camera.cpp)
	$(CXX) $(LDFLAGS) $^ -o $@
