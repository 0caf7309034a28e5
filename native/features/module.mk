# vistter-features and the tests of its parts.
FEATURES_LIB := $(call objects,$(filter-out features/main.cpp,$(wildcard features/*.cpp)) decoder/containers.cpp decoder/confine.cpp)
FEATURES_TESTS := $(patsubst test/%.cpp,$(BUILD)/test/%,$(wildcard test/features_*_test.cpp))

PRODUCTS += $(BUILD)/vistter-features
TESTS += $(FEATURES_TESTS)

$(BUILD)/obj/features/%.o: CPPFLAGS += $(AV_CFLAGS)
$(BUILD)/obj/test/features_%.o: CPPFLAGS += $(AV_CFLAGS)

$(BUILD)/vistter-features: $(call objects,features/main.cpp) $(FEATURES_LIB)
	$(CXX) $(LDFLAGS) $^ -o $@ $(AV_LDLIBS) -lyuv

$(FEATURES_TESTS): $(BUILD)/test/%: $(BUILD)/obj/test/%.o $(FEATURES_LIB)
	@mkdir -p $(@D)
	$(CXX) $(LDFLAGS) $^ -o $@ $(AV_LDLIBS) -lyuv
