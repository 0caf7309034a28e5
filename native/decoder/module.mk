# vistter-decoder, its tests, and ring-dump, which plays the consumer for them.
DECODER_SOURCES := $(filter-out decoder/main.cpp,$(wildcard decoder/*.cpp))
# A file's ways, a camera's, and what both are made of.
DECODER_FILES := $(filter decoder/file_%.cpp decoder/still_%.cpp decoder/media_%.cpp decoder/test_%.cpp,$(DECODER_SOURCES))
DECODER_CAMERAS := $(filter decoder/flv_%.cpp decoder/live_%.cpp,$(DECODER_SOURCES))
DECODER_LIB := $(call bundle,decoder-files,$(DECODER_FILES)) $(call bundle,decoder-cameras,$(DECODER_CAMERAS)) \
  $(call bundle,decoder-parts,$(filter-out $(DECODER_FILES) $(DECODER_CAMERAS),$(DECODER_SOURCES)))

PRODUCTS += $(BUILD)/vistter-decoder
APART += $(BUILD)/vistter-decoder
TESTS += $(patsubst test/%.cpp,$(BUILD)/test/%,$(wildcard test/decoder_*_test.cpp))
TEST_TOOLS += $(BUILD)/ring-dump $(BUILD)/test/decoder_bench

$(DECODER_LIB) $(BUILD)/obj/decoder/%.o: CPPFLAGS += $(AV_CFLAGS)
$(BUILD)/obj/test/decoder_%.o: CPPFLAGS += $(AV_CFLAGS)

$(BUILD)/vistter-decoder: $(call objects,decoder/main.cpp) $(DECODER_LIB)
	$(CXX) $(LDFLAGS) $^ -o $@ $(AV_LDLIBS) -lyuv

$(BUILD)/test/decoder_%: $(BUILD)/obj/test/decoder_%.o $(DECODER_LIB)
	@mkdir -p $(@D)
	$(CXX) $(LDFLAGS) $^ -o $@ $(AV_LDLIBS) -lyuv

$(BUILD)/ring-dump: $(call objects,test/ring_dump.cpp)
	$(CXX) $(LDFLAGS) $^ -o $@
