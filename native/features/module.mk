# vistter-features and the tests of its parts.
FEATURES_SOURCES := $(filter-out features/main.cpp,$(wildcard features/*.cpp)) decoder/containers.cpp decoder/confine.cpp
# What is seen, what is heard, and how it is read.
FEATURES_PICTURE := $(filter features/picture_%.cpp features/thumb.cpp features/bin_board.cpp,$(FEATURES_SOURCES))
FEATURES_SOUND := $(filter features/sound_%.cpp features/loudness.cpp features/mel.cpp features/rhythm.cpp features/spectrum.cpp features/voice.cpp,$(FEATURES_SOURCES))
FEATURES_LIB := $(call bundle,features-picture,$(FEATURES_PICTURE)) $(call bundle,features-sound,$(FEATURES_SOUND)) \
  $(call bundle,features-files,$(filter-out $(FEATURES_PICTURE) $(FEATURES_SOUND),$(FEATURES_SOURCES)))
FEATURES_TESTS := $(patsubst test/%.cpp,$(BUILD)/test/%,$(wildcard test/features_*_test.cpp))

PRODUCTS += $(BUILD)/vistter-features
APART += $(BUILD)/vistter-features
TESTS += $(FEATURES_TESTS)

$(FEATURES_LIB) $(BUILD)/obj/features/%.o: CPPFLAGS += $(AV_CFLAGS)
$(BUILD)/obj/test/features_%.o: CPPFLAGS += $(AV_CFLAGS)

$(BUILD)/vistter-features: $(call objects,features/main.cpp) $(FEATURES_LIB)
	$(CXX) $(LDFLAGS) $^ -o $@ $(AV_LDLIBS) -lyuv

$(FEATURES_TESTS): $(BUILD)/test/%: $(BUILD)/obj/test/%.o $(FEATURES_LIB)
	@mkdir -p $(@D)
	$(CXX) $(LDFLAGS) $^ -o $@ $(AV_LDLIBS) -lyuv
