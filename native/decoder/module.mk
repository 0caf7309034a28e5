# vistter-decoder, its tests, and ring-dump, which plays the consumer for them.
DECODER_LIB := $(call objects,$(filter-out decoder/main.cpp,$(wildcard decoder/*.cpp)))

PRODUCTS += $(BUILD)/vistter-decoder
TESTS += $(patsubst test/%.cpp,$(BUILD)/test/%,$(wildcard test/decoder_*_test.cpp))
TEST_TOOLS += $(BUILD)/ring-dump $(BUILD)/test/decoder_bench

$(BUILD)/obj/decoder/%.o: CPPFLAGS += $(AV_CFLAGS)
$(BUILD)/obj/test/decoder_%.o: CPPFLAGS += $(AV_CFLAGS)

$(BUILD)/vistter-decoder: $(call objects,decoder/main.cpp) $(DECODER_LIB)
	$(CXX) $(LDFLAGS) $^ -o $@ $(AV_LDLIBS) -lyuv

$(BUILD)/test/decoder_%: $(BUILD)/obj/test/decoder_%.o $(DECODER_LIB)
	@mkdir -p $(@D)
	$(CXX) $(LDFLAGS) $^ -o $@ $(AV_LDLIBS) -lyuv

$(BUILD)/ring-dump: $(call objects,test/ring_dump.cpp)
	$(CXX) $(LDFLAGS) $^ -o $@
